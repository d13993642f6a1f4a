// Modules by name.

using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace TorchScratch.NN;

/// <summary>Modules by name. It registers them; the module that contains the dictionary calls them.</summary>
[SuppressMessage("Naming", "CA1710:Identifiers should have correct suffix", Justification = "PyTorch's name.")]
public sealed class ModuleDict<TModule> : Module, IReadOnlyDictionary<string, TModule> where TModule : Module
{
    private readonly OrderedDictionary<string, TModule> _modules = [];

    /// <summary>The modules.</summary>
    public ModuleDict(params IEnumerable<KeyValuePair<string, TModule>> modules)
    {
        ArgumentNullException.ThrowIfNull(modules);
        foreach (var (name, module) in modules)
            Add(name, module);
    }

    /// <inheritdoc/>
    public int Count => _modules.Count;

    /// <inheritdoc/>
    public IEnumerable<string> Keys => _modules.Keys;

    /// <inheritdoc/>
    public IEnumerable<TModule> Values => _modules.Values;

    /// <inheritdoc/>
    public TModule this[string key] => _modules[key];

    /// <summary>Adds a module under a name.</summary>
    public void Add(string name, TModule module) => _modules.Add(name, RegisterModule(name, module));

    /// <inheritdoc/>
    public bool ContainsKey(string key) => _modules.ContainsKey(key);

    /// <inheritdoc/>
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out TModule value) =>
        _modules.TryGetValue(key, out value);

    private protected override void ReplaceMember(string name, Module former, Module module) =>
        _modules[name] = module as TModule ??
            throw new ArgumentException(
                $"{module.GetType().Name} is not a {typeof(TModule).Name}, as the dictionary needs", nameof(module));

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, TModule>> GetEnumerator() => _modules.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
