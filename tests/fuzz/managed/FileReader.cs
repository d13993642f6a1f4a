// Something that reads a file.

namespace TorchScratch.Fuzz.Files;

/// <summary>A reader, with files that it can read.</summary>
internal abstract class FileReader
{
    /// <summary>What is fuzzed.</summary>
    public abstract string Name { get; }

    /// <summary>What the file must be called, relative to a folder of its own.</summary>
    public abstract string FileName { get; }

    /// <summary>How the parts of the file can be taken apart and put together again.</summary>
    public virtual Container Container => Container.None;

    /// <summary>Whether a file that lacks its end must be refused.</summary>
    public virtual bool KnowsItsLength => false;

    /// <summary>Whether nothing but the end may be missing: the content is trusted.</summary>
    public virtual bool OnlyTruncate => false;

    /// <summary>Files that can be read; written into the current folder once, by the library's own writers.</summary>
    public abstract IEnumerable<byte[]> Seeds();

    /// <summary>Writes what else the folder needs, and makes what the file is loaded into.</summary>
    public virtual void Prepare(string folder)
    {
    }

    /// <summary>Reads the file.</summary>
    public abstract void Read(string path);

    /// <summary>What a refusal must leave as it was, as text.</summary>
    public virtual string State() => "";

    /// <summary>Whether an exception that is not the library's own is documented.</summary>
    public virtual bool IsDocumented(Exception exception) => false;

    protected static byte[] Written(string name, Action<string> write)
    {
        var path = Path.GetFullPath(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        write(path);
        return File.ReadAllBytes(path);
    }
}

/// <summary>What is around the content of a file.</summary>
internal enum Container
{
    None,

    /// <summary>Compressed with gzip.</summary>
    Gzip,

    /// <summary>A length in eight bytes, JSON of that length, and data.</summary>
    SafeTensors,
}
