// Modules called one after another.

using System.Collections;
using System.Runtime.CompilerServices;

namespace TorchScratch.NN;

/// <summary>
/// Calls each module with the output of the one before. The modules are named "0", "1", ..., or as given. A tensor
/// passed between two modules of this library that have no hooks is freed as soon as the next module has run, unless
/// the graph needs it; hooks and modules that you write may keep the tensors they see.
/// </summary>
public sealed class Sequential : Module<Tensor, Tensor>, IReadOnlyList<Module<Tensor, Tensor>>
{
    private readonly List<Module<Tensor, Tensor>> _modules = [];

    /// <summary>
    /// An empty sequence, for <see cref="Add(string, Module{Tensor, Tensor})"/> or a collection initializer.
    /// </summary>
    public Sequential()
    {
    }

    /// <summary>Modules named by their positions: "0", "1", ...</summary>
    public Sequential(params ReadOnlySpan<Module<Tensor, Tensor>> modules)
    {
        foreach (var module in modules)
            Add(module);
    }

    /// <inheritdoc cref="Sequential(ReadOnlySpan{Module{Tensor, Tensor}})"/>
    [OverloadResolutionPriority(-1)]
    public Sequential(params Module<Tensor, Tensor>[] modules)
    {
        ArgumentNullException.ThrowIfNull(modules);
        foreach (var module in modules)
            Add(module);
    }

    /// <summary>Modules with given names.</summary>
    public Sequential(params ReadOnlySpan<(string Name, Module<Tensor, Tensor> Module)> modules)
    {
        foreach (var (name, module) in modules)
            Add(name, module);
    }

    /// <summary>The number of modules.</summary>
    public int Count => _modules.Count;

    /// <summary>The module at an index.</summary>
    public Module<Tensor, Tensor> this[int index] => _modules[index];

    /// <summary>Appends a module, named by its position.</summary>
    public void Add(Module<Tensor, Tensor> module) => Add($"{_modules.Count}", module);

    /// <summary>Appends a module under a name.</summary>
    public void Add(string name, Module<Tensor, Tensor> module) => _modules.Add(RegisterModule(name, module));

    private protected override void CheckAddition(string name, Module module) => throw new ArgumentException(
        $"{name}: append a module to a sequence with Add(name, module)", nameof(module));

    private protected override void ReplaceMember(string name, Module former, Module module) =>
        _modules[_modules.IndexOf((Module<Tensor, Tensor>)former)] = module as Module<Tensor, Tensor> ??
            throw new ArgumentException($"{module.GetType().Name} is not a Module<Tensor, Tensor>, as a sequence needs",
                nameof(module));

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var canFree = false;  // the input: it comes from a module that keeps no reference to it
        foreach (var module in _modules)
        {
            var keepsNothing = module.KeepsNothing;
            var output = module.Call(input);
            var isSame = ReferenceEquals(output, input);
            if (canFree && keepsNothing && !isSame)
                input.Dispose();
            canFree = keepsNothing && (!isSame || canFree);
            input = output;
        }
        return input;
    }

    /// <inheritdoc/>
    public IEnumerator<Module<Tensor, Tensor>> GetEnumerator() => _modules.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
