// Files that are written completely or not at all.

namespace TorchScratch.IO;

/// <summary>
/// Writes a file under a temporary name in the same folder, flushes it to the disk, and only then replaces the old one.
/// </summary>
internal static class WholeFile
{
    /// <summary>Lets a function write the file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="write">Writes to the temporary path that it is given.</param>
    /// <param name="makeFolder">Whether to create the folder if it does not exist.</param>
    /// <exception cref="TensorIOException">The file cannot be written; an old one is unchanged.</exception>
    public static void Write(string path, Action<string> write, bool makeFolder = false)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var target = Path.GetFullPath(path);
        // Unique, since two threads may write the same file.
        var temporary = $"{target}.{Guid.NewGuid():N}.partial";
        try
        {
            if (makeFolder)
                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            write(temporary);
            using (var file = new FileStream(temporary, FileMode.Open, FileAccess.ReadWrite))
                file.Flush(flushToDisk: true);
            File.Move(temporary, target, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TensorIOException($"{target}: cannot be written: {e.Message}", e);
        }
        finally
        {
            TryDelete(temporary);
        }
    }

    /// <summary>Writes a text.</summary>
    /// <exception cref="TensorIOException">The file cannot be written; an old one is unchanged.</exception>
    public static void Write(string path, string text, bool makeFolder = false) =>
        Write(path, temporary => File.WriteAllText(temporary, text), makeFolder);

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A leftover file must not hide the result, or the error that is being thrown.
        }
    }
}
