// Modules one after the other.

using System.Collections;

namespace TorchScratch.NN;

/// <summary>
/// Feeds each module's output to the next. The modules are named "0", "1", ... or as the caller names them. What passes
/// between two modules of this library without hooks is freed at once, unless the graph needs it; hooks and modules of
/// your own may keep what they see.
/// </summary>
public sealed class Sequential : Module<Tensor, Tensor>, IReadOnlyList<Module<Tensor, Tensor>>
{
    private readonly List<Module<Tensor, Tensor>> _modules = [];

    /// <summary>
    /// No modules yet, for <see cref="Add(string, Module{Tensor, Tensor})"/> or a collection initializer.
    /// </summary>
    public Sequential()
    {
    }

    /// <summary>Modules named by their positions.</summary>
    public Sequential(params ReadOnlySpan<Module<Tensor, Tensor>> modules)
    {
        foreach (var module in modules)
            Add(module);
    }

    /// <summary>Modules with names of their own.</summary>
    public Sequential(params ReadOnlySpan<(string Name, Module<Tensor, Tensor> Module)> modules)
    {
        foreach (var (name, module) in modules)
            Add(name, module);
    }

    /// <summary>The number of modules.</summary>
    public int Count => _modules.Count;

    /// <summary>The module at a position.</summary>
    public Module<Tensor, Tensor> this[int index] => _modules[index];

    /// <summary>Appends a module, named by its position.</summary>
    public void Add(Module<Tensor, Tensor> module) => Add($"{_modules.Count}", module);

    /// <summary>Appends a module.</summary>
    public void Add(string name, Module<Tensor, Tensor> module) => _modules.Add(RegisterModule(name, module));

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input)
    {
        var isOurs = false;  // the input, to free: of a module that keeps nothing
        foreach (var module in _modules)
        {
            var keepsNothing = module.KeepsNothing;
            var output = module.Call(input);
            var isSame = ReferenceEquals(output, input);
            if (isOurs && keepsNothing && !isSame)
                input.Dispose();
            isOurs = keepsNothing && (!isSame || isOurs);
            input = output;
        }
        return input;
    }

    /// <inheritdoc/>
    public IEnumerator<Module<Tensor, Tensor>> GetEnumerator() => _modules.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
