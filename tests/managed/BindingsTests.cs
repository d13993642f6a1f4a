// The committed bindings match the headers, and the exports of the library match both.

using System.Diagnostics;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using TorchScratch.Interop;

namespace TorchScratch.Tests;

public partial class BindingsTests
{
    private static readonly string[] Headers = ["c_api.h", "c_api_ops.g.h"];

    [Fact]
    public void TheBindingsAreUpToDateWithTheHeaders()
    {
        var actual = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(HeaderText())));
        Assert.True(actual == Native.HeaderHash, "Native.g.cs is out of date; run ./build.sh bindings");
    }

    [Fact]
    public void EveryDeclaredEntryIsBoundAndNothingElse()
    {
        Assert.Empty(Declared().Except(Bound()));
        Assert.Empty(Bound().Except(Declared()));
    }

    [Fact]
    public void TheLibraryExportsExactlyWhatIsDeclared()
    {
        NativeLibraryLoader.EnsureLoaded();
        var library = LoadedLibrary();
        if (library is not null && Exported(library) is { } exported)
        {
            Assert.Empty(Declared().Except(exported));
            Assert.Empty(exported.Except(Declared()));
            return;
        }
        Assert.All(Declared(), name => Assert.NotEqual(0, NativeLibraryLoader.GetExport(name)));
    }

    private static string HeaderText()
    {
        var folder = Path.Combine(Checkout(), "native", "include", "torchscratch");
        return string.Concat(Headers.Select(name =>
            File.ReadAllText(Path.Combine(folder, name)).Replace("\r", "", StringComparison.Ordinal)));
    }

    private static SortedSet<string> Declared() =>
        new(Declaration().Matches(HeaderText()).Select(match => match.Groups[1].Value), StringComparer.Ordinal);

    private static SortedSet<string> Bound() => new(typeof(Native)
        .GetMethods(BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
        .Select(method => method.Name).Where(name => name.StartsWith("ts_", StringComparison.Ordinal)),
        StringComparer.Ordinal);

    private static string? LoadedLibrary() => OperatingSystem.IsLinux()
        ? File.ReadLines("/proc/self/maps")
        .Select(line => line[Math.Max(0, line.IndexOf('/', StringComparison.Ordinal))..])
            .FirstOrDefault(path => Path.GetFileName(path).StartsWith("libtorchscratch.so", StringComparison.Ordinal))
        : null;

    // Null if nm is not installed.
    private static SortedSet<string>? Exported(string library)
    {
        try
        {
            using var nm = Process.Start(new ProcessStartInfo("nm", ["-D", "--defined-only", library])
            {
                RedirectStandardOutput = true,
            })!;
            var symbols = nm.StandardOutput.ReadToEnd();
            nm.WaitForExit();
            return nm.ExitCode == 0
                ? new(Symbol().Matches(symbols).Select(match => match.Groups[1].Value), StringComparer.Ordinal)
                : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    internal static string Checkout([System.Runtime.CompilerServices.CallerFilePath] string thisFile = "")
    {
        for (var folder = Path.GetDirectoryName(thisFile); folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "native", "include", "torchscratch", "c_api.h")))
                return folder;
        }
        throw new DirectoryNotFoundException($"no checkout around {thisFile}");
    }

    [GeneratedRegex(@"^TS_API\s[^(;]*?\b(ts_\w+)\(", RegexOptions.Multiline)]
    private static partial Regex Declaration();

    [GeneratedRegex(@"\sT\s(ts_\w+)$", RegexOptions.Multiline)]
    private static partial Regex Symbol();
}
