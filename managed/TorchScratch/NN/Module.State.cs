// State dicts of a module: its parameters and buffers by name.

using TorchScratch.IO;

namespace TorchScratch.NN;

public abstract partial class Module
{
    /// <summary>
    /// All parameters and persistent buffers by name, in PyTorch's order. The tensors share memory with the module and
    /// are detached from autograd.
    /// </summary>
    public IReadOnlyDictionary<string, Tensor> StateDict()
    {
        var state = new OrderedDictionary<string, Tensor>();
        foreach (var (name, tensor) in StateEntries())
            state.Add(name, tensor.Detach());
        return state;
    }

    /// <summary>
    /// Copies values into the parameters and persistent buffers, converting element types where they differ. If
    /// something does not fit, nothing is copied.
    /// </summary>
    /// <param name="state">Tensors by name, as <see cref="StateDict"/> returns them.</param>
    /// <param name="strict">Whether missing and unexpected names are errors. Shapes must match in either case.</param>
    /// <exception cref="StateDictException">Names or shapes do not fit; the message lists all of them.</exception>
    public void LoadStateDict(IReadOnlyDictionary<string, Tensor> state, bool strict = true)
    {
        ArgumentNullException.ThrowIfNull(state);
        var missing = new List<string>();
        var mismatches = new List<string>();
        var known = new HashSet<string>();
        var copies = new List<(Tensor Target, Tensor Source)>();
        foreach (var (name, target) in StateEntries())
        {
            known.Add(name);
            if (!state.TryGetValue(name, out var source))
                missing.Add(name);
            else if (!source.Shape.SequenceEqual(target.Shape))
                mismatches.Add($"{name}: expected {target.ShapeText}, got {source.ShapeText}");
            else
                copies.Add((target, source));
        }
        var unexpected = state.Keys.Where(name => !known.Contains(name)).ToList();
        if (mismatches.Count > 0 || (strict && (missing.Count > 0 || unexpected.Count > 0)))
            throw new StateDictException(GetType().Name, missing, unexpected, mismatches);

        using var noGrad = Autograd.NoGrad();
        foreach (var (target, source) in copies)
            target.Copy_(source);
    }

    /// <summary>Writes the state as a .safetensors file, which PyTorch can read.</summary>
    /// <param name="path">The file; an existing file is replaced only once the new one is complete.</param>
    /// <param name="metadata">Texts to store with the tensors.</param>
    public void Save(string path, IReadOnlyDictionary<string, string>? metadata = null)
    {
        using var scope = Tensor.Scope();
        SafeTensors.Save(path, StateDict(), metadata);
    }

    /// <summary>Loads a file written by <see cref="Save"/>, or a .safetensors file written by PyTorch.</summary>
    /// <param name="path">The file.</param>
    /// <param name="strict">Whether missing and unexpected names are errors. Shapes must match in either case.</param>
    /// <exception cref="StateDictException">The tensors of the file do not fit; nothing is loaded.</exception>
    /// <exception cref="TensorIOException">The file is missing or damaged.</exception>
    public void Load(string path, bool strict = true)
    {
        using var scope = Tensor.Scope();
        LoadStateDict(SafeTensors.Load(path), strict);
    }

    // All names, including the second one of a shared tensor, as in PyTorch's checkpoints.
    private IEnumerable<(string Name, Tensor Tensor)> StateEntries()
    {
        UpdateMembers();
        foreach (var (name, parameter) in _parameters)
            yield return (name, parameter.Value);
        foreach (var (name, buffer) in _buffers)
        {
            if (buffer.IsPersistent)
                yield return (name, buffer.Value);
        }
        foreach (var (name, child) in _children)
        {
            foreach (var (rest, tensor) in child.StateEntries())
                yield return (Join(name, rest), tensor);
        }
    }
}
