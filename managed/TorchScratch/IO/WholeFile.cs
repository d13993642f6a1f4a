// Files that are there whole or not at all.

namespace TorchScratch.IO;

/// <summary>
/// Writes a file under a temporary name beside it, flushes it to the disk, and only then replaces the old one.
/// </summary>
internal static class WholeFile
{
    /// <summary>Has a function write the file.</summary>
    /// <exception cref="TensorIOException">The file cannot be written; the old one is as it was.</exception>
    /// <param name="path">The file.</param>
    /// <param name="write">Writes it under the name that it is given.</param>
    /// <param name="makeFolder">Whether to make the folder, should it not be there.</param>
    public static void Write(string path, Action<string> write, bool makeFolder = false)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var target = Path.GetFullPath(path);
        // A name of its own also for two threads that write the same file.
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
    /// <exception cref="TensorIOException">The file cannot be written; the old one is as it was.</exception>
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
            // A file left over is no reason to hide the error, or the success, that is on its way.
        }
    }
}
