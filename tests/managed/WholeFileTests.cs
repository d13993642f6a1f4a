// Files that are written whole or not at all, by every writer of the library.

using System.Runtime.InteropServices;
using TorchScratch.Data;
using TorchScratch.IO;
using TorchScratch.NN;
using TorchScratch.Tests.Data;

namespace TorchScratch.Tests;

public sealed partial class WholeFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static readonly Dictionary<string, Action<string>> Writers = new()
    {
        ["safetensors"] = path =>
            SafeTensors.Save(path, new Dictionary<string, Tensor> { ["a"] = Tensor.Zeros([1000]) }),
        ["module"] = path => new Linear(40, 40).Save(path),
        ["idx"] = path => IdxFile.Write(path, IdxType.UInt8, [5000], new byte[5000]),
        ["idx.gz"] = path => IdxFile.Write(path, IdxType.UInt8, [5000], Noise()),
        ["text"] = path => WholeFile.Write(path, new string('x', 5000)),
        ["characters"] = path =>
            new CharTokenizer(string.Concat(Enumerable.Range(200, 2000).Select(i => (char)i))).Save(path),
        ["pairs"] = path => new BytePairTokenizer([.. Enumerable.Range(0, 250).Select(i => (i, i))], []).Save(path),
    };

    public static TheoryData<string> Names => [.. Writers.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void AWriterReplacesAndLeavesNothingBeside(string name)
    {
        var path = _folder["file." + name];
        File.WriteAllText(path, "old");
        Writers[name](path);
        Assert.NotEqual("old"u8.ToArray(), File.ReadAllBytes(path));
        Assert.Single(Directory.GetFiles(_folder.Path));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void ALinkStaysALink(string name)
    {
        Directory.CreateDirectory(_folder["below"]);
        var real = Path.Combine(_folder["below"], "file." + name);
        File.WriteAllText(real, "old");
        var link = _folder["link." + name];
        File.CreateSymbolicLink(link, Path.Combine("below", "file." + name));
        Writers[name](link);
        Assert.NotNull(new FileInfo(link).LinkTarget);
        Assert.NotEqual("old"u8.ToArray(), File.ReadAllBytes(real));
        Assert.Single(Directory.GetFiles(_folder["below"]));
        Assert.Single(Directory.GetFiles(_folder.Path));
        // A link to a file that does not exist yet.
        File.Delete(real);
        Writers[name](link);
        Assert.True(File.Exists(real));
        Assert.NotNull(new FileInfo(link).LinkTarget);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void WhatAKilledProcessLeftIsRemoved(string name)
    {
        var path = _folder["file." + name];
        var abandoned = $"{path}.0123456789abcdef0123456789abcdef.partial";
        File.WriteAllText(abandoned, "half");
        // Neither belongs to a save of this file.
        string[] others = [path + ".partial", _folder["other.0123456789abcdef0123456789abcdef.partial"]];
        foreach (var other in others)
            File.WriteAllText(other, "other");
        Writers[name](path);
        Assert.False(File.Exists(abandoned));
        Assert.All(others, other => Assert.True(File.Exists(other)));

        // One that is being written is not abandoned.
        using var unfinished = new WholeFile(path);
        Writers[name](path);
        Assert.Equal(4, Directory.GetFiles(_folder.Path).Length);
        unfinished.Stream.Write("last"u8);
        unfinished.Commit();
        Assert.Equal("last", File.ReadAllText(path));
        Assert.Equal(3, Directory.GetFiles(_folder.Path).Length);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void AFolderThatIsNoFileOrDoesNotExistIsATypedError(string name)
    {
        Directory.CreateDirectory(_folder["folder"]);
        Assert.Throws<TensorIOException>(() => Writers[name](_folder["folder"]));
        Assert.Throws<TensorIOException>(() => Writers[name](Path.Combine(_folder["missing"], "file")));
        Assert.Empty(Directory.GetFiles(_folder.Path, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public void AFailureInTheMiddleLeavesTheOldFile()
    {
        File.WriteAllText(_folder["file"], "old");
        Assert.Throws<TensorIOException>(() => WholeFile.Write(_folder["file"], stream =>
        {
            stream.Write(new byte[100_000]);
            throw new IOException("the disk is full");
        }));
        Assert.Throws<InvalidOperationException>(() =>
            WholeFile.Write(_folder["file"], _ => throw new InvalidOperationException()));
        Assert.Equal("old", File.ReadAllText(_folder["file"]));
        Assert.Single(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void TheRightsOfAFileStay()
    {
        if (OperatingSystem.IsWindows())
            return;
        File.WriteAllText(_folder["file"], "old");
        File.SetUnixFileMode(_folder["file"], UnixFileMode.UserRead | UnixFileMode.UserWrite);
        WholeFile.Write(_folder["file"], "new");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_folder["file"]));
    }

    [Fact]
    public void ALongNameIsPossible()
    {
        string smiles = string.Concat(Enumerable.Repeat("😀", 63));
        foreach (var name in new[] { new string('n', 255), new string('ü', 127), smiles })
        {
            WholeFile.Write(_folder[name], "text");
            WholeFile.Write(_folder[name], "text");
            Assert.Equal("text", File.ReadAllText(_folder[name]));
            SafeTensors.Save(_folder[name], new Dictionary<string, Tensor>());
            Assert.Single(Directory.GetFiles(_folder.Path));
            File.Delete(_folder[name]);
        }
    }

    // Needs a disk of its own, which only root gets; elsewhere the test above stands for it.
    [Theory]
    [MemberData(nameof(Names))]
    public void AFullDiskLeavesTheOldFile(string name)
    {
        if (!OperatingSystem.IsLinux() || FullDisk.Mount(_folder["disk"]) is not { } disk)
            return;
        using (disk)
        {
            var path = Path.Combine(_folder["disk"], "file");
            File.WriteAllText(path, "old");
            // Fills the rest, except for one block.
            using (var filler = File.Create(Path.Combine(_folder["disk"], "filler")))
            {
                Assert.Throws<IOException>(void () =>
                {
                    while (true)
                    {
                        filler.Write(new byte[4096]);
                        filler.Flush();
                    }
                });
            }
            Assert.Throws<TensorIOException>(() => Writers[name](path));
            Assert.Equal("old", File.ReadAllText(path));
            Assert.Equal(2, Directory.GetFiles(_folder["disk"]).Length);
            File.Delete(Path.Combine(_folder["disk"], "filler"));
            Writers[name](path);
            Assert.Single(Directory.GetFiles(_folder["disk"]));
        }
    }

    private static byte[] Noise()
    {
        var noise = new byte[5000];
        new Random(1).NextBytes(noise);
        return noise;
    }

    /// <summary>A file system of 64 KiB in memory; only root may mount one.</summary>
    private sealed partial class FullDisk(string folder) : IDisposable
    {
        public static FullDisk? Mount(string folder)
        {
            Directory.CreateDirectory(folder);
            return mount("tmpfs", folder, "tmpfs", 0, "size=64k") == 0 ? new FullDisk(folder) : null;
        }

        public void Dispose() => _ = umount(folder);

        [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
        private static partial int mount(string source, string target, string type, nuint flags, string data);

        [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
        private static partial int umount(string target);
    }
}
