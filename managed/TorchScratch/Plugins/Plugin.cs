// Operators from shared libraries, loaded at run time.

using System.Runtime.InteropServices;
using TorchScratch.Interop;

namespace TorchScratch;

/// <summary>
/// A shared library with operators, written in C++ against <c>torchscratch/plugin.h</c>. Its operators are
/// differentiable, seen by the profiler and named in errors as any other. It stays loaded as long as the process lives.
/// </summary>
/// <example>
/// <code>
/// var plugin = Plugin.Load(Plugin.FileName("my_plugin"));
/// var y = plugin["swish"].Call(x, 0.5);
/// </code>
/// </example>
public sealed unsafe class Plugin
{
    private readonly Dictionary<string, PluginOperator> _operators = [];

    private Plugin(nint handle, string path)
    {
        Path = path;
        Name = Marshal.PtrToStringUTF8(Native.ts_plugin_name(handle))!;
        for (var i = 0; i < Native.ts_plugin_operator_count(handle); i++)
        {
            var op = new PluginOperator(Native.ts_plugin_operator(handle, i));
            _operators.Add(op.Name[(Name.Length + 2)..], op);
        }
    }

    /// <summary>What comes before the names of its operators, as <c>my</c> in <c>my::swish</c>.</summary>
    public string Name { get; }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Its operators by their names without the plugin's.</summary>
    public IReadOnlyDictionary<string, PluginOperator> Operators => _operators;

    /// <summary>An operator by its name without the plugin's.</summary>
    /// <exception cref="ValueException">There is none of this name.</exception>
    public PluginOperator this[string name] => _operators.TryGetValue(name, out var op)
        ? op
        : throw new ValueException(
            $"plugin {Name}: there is no operator {name}; there are {string.Join(", ", _operators.Keys)}");

    /// <summary>Loads a plugin; the same file again gives the same operators.</summary>
    /// <exception cref="TensorIOException">The file is missing, or no plugin.</exception>
    /// <exception cref="TensorNotSupportedException">It was built against another version of the library.</exception>
    /// <exception cref="ValueException">A name of its operators is taken.</exception>
    public static Plugin Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var full = System.IO.Path.GetFullPath(path);
        using var text = new Utf8Lease(full);
        nint handle;
        Status.Check(Native.ts_plugin_load(text.Pointer, &handle));
        return new(handle, full);
    }

    /// <summary>
    /// A library's file name on this system: <c>libswish.so</c>, <c>libswish.dylib</c> or <c>swish.dll</c>.
    /// </summary>
    public static string FileName(string name) =>
        OperatingSystem.IsWindows() ? $"{name}.dll" : OperatingSystem.IsMacOS() ? $"lib{name}.dylib" : $"lib{name}.so";
}
