// Finds and loads libtorchscratch, and reports every location tried if it cannot.

using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace TorchScratch.Interop;

/// <summary>
/// Resolves the imports of <see cref="Native"/>. Tries, in this order: the file named by
/// <c>TORCHSCRATCH_LIBRARY</c>; the application's folder; <c>runtimes/&lt;rid&gt;/native</c>; the CMake build of the
/// source checkout that contains the application; and the system's library path.
/// </summary>
internal static class NativeLibraryLoader
{
    internal const string LibraryVariable = "TORCHSCRATCH_LIBRARY";

    private static readonly Lazy<nint> Handle = new(Find);

    // The library itself is loaded by the first import that is called, so that a missing library is reported from that
    // call and not wrapped in the error of a type initializer.
    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255:ModuleInitializer", Justification = "No import may be bound before the resolver is set.")]
    internal static void SetResolver() => NativeLibrary.SetDllImportResolver(typeof(Native).Assembly,
        static (name, _, _) => name == Native.Library ? Handle.Value : 0);

    /// <summary>Loads the library now; later calls cost a field read. Imports load it on their own.</summary>
    /// <exception cref="NativeLibraryNotFoundException">No library could be found and loaded.</exception>
    internal static void EnsureLoaded() => _ = Handle.Value;

    /// <summary>Address of an exported function; loads the library if necessary.</summary>
    internal static nint GetExport(string name) => NativeLibrary.GetExport(Handle.Value, name);

    private static nint Find()
    {
        var attempts = new List<string>();

        // A file requested by name is never silently replaced by another.
        if (Environment.GetEnvironmentVariable(LibraryVariable) is { Length: > 0 } requested)
        {
            return TryLoad(Path.GetFullPath(requested), attempts, out var handle)
                ? handle
                : throw new NativeLibraryNotFoundException(Explain(attempts));
        }

        foreach (var path in Candidates())
        {
            if (TryLoad(path, attempts, out var handle))
                return handle;
        }

        if (NativeLibrary.TryLoad(Native.Library, typeof(Native).Assembly, null, out var systemHandle))
            return systemHandle;
        attempts.Add($"{Native.Library}: not on the system's library path");
        throw new NativeLibraryNotFoundException(Explain(attempts));
    }

    private static bool TryLoad(string path, List<string> attempts, out nint handle)
    {
        handle = 0;
        if (!File.Exists(path))
        {
            attempts.Add($"{path}: no such file");
            return false;
        }
        try
        {
            handle = NativeLibrary.Load(path);
            return true;
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            // The file exists but is unusable: it was built for another machine, or a library that it needs is missing.
            attempts.Add($"{path}: {e.Message.Trim()}");
            return false;
        }
    }

    private static IEnumerable<string> Candidates()
    {
        var file = FileName;
        var application = AppContext.BaseDirectory;
        yield return Path.Combine(application, file);
        yield return Path.Combine(application, "runtimes", RuntimeInformation.RuntimeIdentifier, "native", file);
        if (PortableRuntimeIdentifier != RuntimeInformation.RuntimeIdentifier)
            yield return Path.Combine(application, "runtimes", PortableRuntimeIdentifier, "native", file);

        // A file-based program (dotnet run FILE) is built into a folder of the SDK; the folder of its source leads to
        // the checkout.
        var source = AppContext.GetData("EntryPointFileDirectoryPath") as string;
        if ((FindCheckout(application) ?? (source is null ? null : FindCheckout(source))) is not { } checkout)
            yield break;
        var build = Path.Combine(checkout, "build");
        foreach (var configuration in Configurations(build))
        {
            yield return Path.Combine(build, configuration, "lib", file);
            yield return Path.Combine(build, configuration, "bin", file);
        }
    }

    // Only a folder with our own header counts: a library must never be loaded from an unrelated build folder
    // further up.
    private static string? FindCheckout(string start)
    {
        for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "native", "include", "torchscratch", "c_api.h")))
                return folder.FullName;
        }
        return null;
    }

    // The release build first, then the others by name.
    private static IEnumerable<string> Configurations(string build)
    {
        const string Release = "release";
        var others = Directory.Exists(build)
            ? Directory.EnumerateDirectories(build).Select(path => Path.GetFileName(path)!).Where(name => name != Release)
            : [];
        return others.Order(StringComparer.Ordinal).Prepend(Release);
    }

    private static string FileName =>
        OperatingSystem.IsWindows() ? $"{Native.Library}.dll" :
        OperatingSystem.IsMacOS() ? $"lib{Native.Library}.dylib" :
        $"lib{Native.Library}.so";

    // A runtime built by a distribution has that distribution's identifier, such as debian.12-x64; packages use the
    // portable one.
    private static string PortableRuntimeIdentifier
    {
        get
        {
            var system = OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux";
            return $"{system}-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}";
        }
    }

    private static string Explain(List<string> attempts)
    {
        var message = new StringBuilder("The native library of TorchScratch could not be loaded. Locations tried:");
        foreach (var attempt in attempts)
            message.AppendLine().Append("  ").Append(attempt);
        return message.AppendLine()
            .Append($"In a source checkout, build it with ./build.sh; otherwise set {LibraryVariable} to its path.")
            .ToString();
    }
}
