// Files that are written completely or not at all.

using System.Buffers;
using System.Text;

namespace TorchScratch.IO;

/// <summary>
/// A new file under a temporary name beside its target. <see cref="Commit"/> flushes it to the disk and gives it the
/// target's name; without that, <see cref="Dispose"/> removes it and the target is as it was. A link is followed, so it
/// stays a link. The temporary file is locked, so one that nobody holds was left by a process that was killed; the next
/// writer of the same target removes it. The core writes .safetensors files in the same way and with the same names.
/// </summary>
internal sealed class WholeFile : IDisposable
{
    private const string Suffix = ".partial";
    private const int Digits = 32;
    // File systems allow names of 255 bytes.
    private const int MaxPrefixBytes = 200;

    private static readonly SearchValues<char> s_digits = SearchValues.Create("0123456789abcdef");

    private readonly string _target;
    private readonly string _temporary;
    private FileStream? _file;

    /// <summary>Creates the temporary file.</summary>
    /// <param name="path">The target.</param>
    /// <param name="makeFolder">Whether to create the folder if it does not exist.</param>
    /// <exception cref="TensorIOException">The file cannot be created.</exception>
    public WholeFile(string path, bool makeFolder = false)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        _target = Path.GetFullPath(path);
        if (makeFolder)
            MakeFolder(path);
        _target = BehindLinks(_target);
        if (Directory.Exists(_target))
            throw new TensorIOException($"{path}: cannot be written: it is a folder");
        var folder = Path.GetDirectoryName(_target)!;
        var prefix = Prefix(Path.GetFileName(_target));
        RemoveAbandoned(folder, prefix);
        _temporary = Path.Combine(folder, $"{prefix}{Guid.NewGuid():N}{Suffix}");
        Try(() =>
        {
            // Others may rename or delete it, which is what Windows calls our own rename; it is locked nevertheless.
            _file = new FileStream(_temporary, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Delete);
            // A file that only its owner may read must not become readable by all.
            if (!OperatingSystem.IsWindows() && File.Exists(_target))
                File.SetUnixFileMode(_temporary, File.GetUnixFileMode(_target));
        });
    }

    /// <summary>Where to write.</summary>
    public Stream Stream => _file!;

    /// <summary>Lets a function write a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="write">Writes to the stream that it is given; it may close it.</param>
    /// <param name="makeFolder">Whether to create the folder if it does not exist.</param>
    /// <exception cref="TensorIOException">The file cannot be written; an old one is unchanged.</exception>
    public static void Write(string path, Action<Stream> write, bool makeFolder = false)
    {
        using var file = new WholeFile(path, makeFolder);
        file.Try(() => write(file.Stream));
        file.Commit();
    }

    /// <summary>Writes a text.</summary>
    /// <exception cref="TensorIOException">The file cannot be written; an old one is unchanged.</exception>
    public static void Write(string path, string text, bool makeFolder = false) =>
        Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(text)), makeFolder);

    /// <summary>Creates the folder of a file if it does not exist.</summary>
    /// <exception cref="TensorIOException">It cannot be created.</exception>
    public static void MakeFolder(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var target = Path.GetFullPath(path);
        Try(target, () => Directory.CreateDirectory(Path.GetDirectoryName(target)!));
    }

    /// <summary>Replaces the target.</summary>
    /// <exception cref="TensorIOException">The file cannot be written; an old one is unchanged.</exception>
    public void Commit() => Try(() =>
    {
        _file!.Flush(flushToDisk: true);
        // The lock is held until the file has its name.
        File.Move(_temporary, _target, overwrite: true);
        _file.Dispose();
        _file = null;
    });

    /// <summary>Removes the temporary file unless it has become the target.</summary>
    public void Dispose()
    {
        if (_file is null)
            return;
        TryDelete(_temporary);
        try
        {
            _file.Dispose();
        }
        catch (IOException)
        {
            // What could not be flushed belongs to a file that is gone.
        }
        _file = null;
    }

    private static string BehindLinks(string path)
    {
        try
        {
            return File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A file that does not exist yet is no link; whatever else is wrong shows when the file is created.
            return path;
        }
    }

    private static string Prefix(string name)
    {
        var runes = name.EnumerateRunes().ToList();
        for (var bytes = Encoding.UTF8.GetByteCount(name); bytes > MaxPrefixBytes; runes.RemoveAt(runes.Count - 1))
            bytes -= runes[^1].Utf8SequenceLength;
        return string.Concat(runes) + ".";
    }

    private static void RemoveAbandoned(string folder, string prefix)
    {
        try
        {
            foreach (var path in Directory.EnumerateFiles(folder))
            {
                var name = Path.GetFileName(path.AsSpan());
                if (name.Length == prefix.Length + Digits + Suffix.Length && name.StartsWith(prefix) &&
                    name.EndsWith(Suffix) &&
                    !name.Slice(prefix.Length, Digits).ContainsAnyExcept(s_digits))
                {
                    RemoveUnlessLocked(path);
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A folder that cannot be listed may still be written.
        }
    }

    private static void RemoveUnlessLocked(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None, 1,
                FileOptions.DeleteOnClose);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Another process is writing it.
        }
    }

    private void Try(Action action) => Try(_target, action);

    private static void Try(string target, Action action)
    {
        try
        {
            action();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TensorIOException($"{target}: cannot be written: {e.Message}", e);
        }
    }

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A leftover file must not hide the error that is being thrown; the next writer removes it.
        }
    }
}
