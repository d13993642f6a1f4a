// Tests that need the test plugin of the native build.

namespace TorchScratch.Tests.Inside;

/// <summary>
/// Skips a test unless build/release/tests/plugin contains the test plugin, which ./build.sh test builds.
/// </summary>
public sealed class PluginFactAttribute : FactAttribute
{
    public PluginFactAttribute() =>
        Skip = Folder is null ? "needs build/release/tests/plugin of the native build" : null;

    public static string? Folder
    {
        get
        {
            for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
            {
                var plugins = Path.Combine(folder, "build", "release", "tests", "plugin");
                if (File.Exists(Path.Combine(plugins, Plugin.FileName("test_plugin"))))
                    return plugins;
            }
            return null;
        }
    }
}
