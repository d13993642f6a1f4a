// A list of modules.

using System.Collections;

namespace TorchScratch.NN;

/// <summary>
/// A list of modules named "0", "1", .... It registers them; the module that contains the list calls them.
/// </summary>
public sealed class ModuleList<TModule> : Module, IReadOnlyList<TModule> where TModule : Module
{
    private readonly List<TModule> _modules = [];

    /// <summary>The modules.</summary>
    public ModuleList(params IEnumerable<TModule> modules)
    {
        ArgumentNullException.ThrowIfNull(modules);
        foreach (var module in modules)
            Add(module);
    }

    /// <summary>The number of modules.</summary>
    public int Count => _modules.Count;

    /// <summary>The module at an index.</summary>
    public TModule this[int index] => _modules[index];

    /// <summary>Appends a module.</summary>
    public void Add(TModule module) => _modules.Add(RegisterModule($"{_modules.Count}", module));

    private protected override void ReplaceMember(string name, Module former, Module module) =>
        _modules[_modules.IndexOf((TModule)former)] = module as TModule ??
            throw new ArgumentException($"{module.GetType().Name} is not a {typeof(TModule).Name}, as the list needs",
                nameof(module));

    /// <inheritdoc/>
    public IEnumerator<TModule> GetEnumerator() => _modules.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
