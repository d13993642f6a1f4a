// Operators from shared libraries, loaded at run time.

using System.Runtime.InteropServices;
using TorchScratch.Interop;

namespace TorchScratch;

/// <summary>
/// A shared library with operators, written in C++ against <c>torchscratch/plugin.h</c>. Like built-in operators, they
/// are differentiable, appear in profiles and are named in errors. A plugin stays loaded until the process ends.
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

    /// <summary>The prefix of the names of its operators, such as <c>my</c> in <c>my::swish</c>.</summary>
    public string Name { get; }

    /// <summary>The full path of the file.</summary>
    public string Path { get; }

    /// <summary>Its operators by their names without the prefix.</summary>
    public IReadOnlyDictionary<string, PluginOperator> Operators => _operators;

    /// <summary>An operator by its name without the prefix.</summary>
    /// <exception cref="ValueException">The plugin has no operator with this name.</exception>
    public PluginOperator this[string name] => _operators.TryGetValue(name, out var op)
        ? op
        : throw new ValueException(
            $"plugin {Name}: there is no operator {name}; its operators are {string.Join(", ", _operators.Keys)}");

    /// <summary>Loads a plugin. Loading the same file again gives the same operators.</summary>
    /// <exception cref="TensorIOException">The file is missing or is not a plugin.</exception>
    /// <exception cref="TensorNotSupportedException">It was built against another version of the library.</exception>
    /// <exception cref="ValueException">The name of one of its operators is already in use.</exception>
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
    /// The file name of a library on this system: <c>libswish.so</c>, <c>libswish.dylib</c> or <c>swish.dll</c>.
    /// </summary>
    public static string FileName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return OperatingSystem.IsWindows() ? $"{name}.dll"
            : OperatingSystem.IsMacOS() ? $"lib{name}.dylib" : $"lib{name}.so";
    }
}
