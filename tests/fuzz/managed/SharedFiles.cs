// Files that lie beside the checkout or in its build.

namespace TorchScratch.Fuzz.Files;

internal static class SharedFiles
{
    // Files of megabytes would make cases slow and small damage unlikely to matter.
    private const long MaxBytes = 1 << 20;

    /// <summary>Files of other programs in shared/files beside the checkout; none if there is no such folder.</summary>
    public static IEnumerable<string> Find(string pattern)
    {
        var folder = Root() is { } root ? Path.Combine(root, "..", "shared", "files") : "";
        return !Directory.Exists(folder) ? []
            : Directory.GetFiles(folder, pattern, SearchOption.AllDirectories).Order(StringComparer.Ordinal)
                .Where(file => new FileInfo(file).Length <= MaxBytes && !file.EndsWith(".md", StringComparison.Ordinal));
    }

    /// <summary>The plugin of the native tests; null if they have not been built.</summary>
    public static string? TestPlugin()
    {
        var path = Root() is { } root ? Path.Combine(root, "build", "release", "tests", "plugin", "libtest_plugin.so") : "";
        return File.Exists(path) ? path : null;
    }

    private static string? Root()
    {
        var folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "TorchScratch.sln")))
            folder = Path.GetDirectoryName(folder);
        return folder;
    }
}
