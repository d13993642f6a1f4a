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
        foreach (var (name, tensor, _) in StateEntries())
            state.Add(name, tensor.Detach());
        return state;
    }

    /// <summary>
    /// Copies values into the parameters and persistent buffers, on whatever devices these are, converting element
    /// types where they differ. If
    /// something does not fit, nothing is copied. A batch count (num_batches_tracked) may be missing, as it is from
    /// states that old versions of PyTorch saved; it stays as it is.
    /// </summary>
    /// <param name="state">Tensors by name, as <see cref="StateDict"/> returns them.</param>
    /// <param name="strict">Whether missing and unexpected names are errors; otherwise the result lists them.</param>
    /// <param name="skipMismatched">
    /// Whether tensors of another shape are left out, as for a model with another number of classes, and listed in the
    /// result; otherwise they are errors.
    /// </param>
    /// <returns>What was not loaded; empty lists if everything was.</returns>
    /// <exception cref="StateDictException">Names or shapes do not fit; the message lists all of them.</exception>
    public LoadResult LoadStateDict(IReadOnlyDictionary<string, Tensor> state, bool strict = true,
        bool skipMismatched = false)
    {
        ArgumentNullException.ThrowIfNull(state);
        var missing = new List<string>();
        var mismatched = new List<string>();
        var mismatches = new List<string>();
        var known = new HashSet<string>();
        var copies = new List<(Tensor Target, Tensor Source)>();
        foreach (var (name, target, isOptional) in StateEntries())
        {
            known.Add(name);
            if (!state.TryGetValue(name, out var source))
            {
                if (!isOptional)
                    missing.Add(name);
                continue;
            }
            var problem = source is null ? "null"
                : !source.Shape.SequenceEqual(target.Shape) ? source.ShapeText
                : !target.DType.IsFloatingPoint && source.DType.IsFloatingPoint && HasFractions(source)
                    ? "numbers that are not whole"
                : null;
            if (problem is null)
            {
                copies.Add((target, source!));
                continue;
            }
            mismatched.Add(name);
            mismatches.Add($"{name}: expected {target.ShapeText}, got {problem}");
        }
        var unexpected = state.Keys.Where(name => !known.Contains(name)).ToList();
        if ((mismatches.Count > 0 && !skipMismatched) || (strict && (missing.Count > 0 || unexpected.Count > 0)))
            throw new StateDictException(GetType().Name, missing, unexpected, mismatches);

        using var noGrad = Autograd.NoGrad();
        foreach (var (target, source) in copies)
            target.Copy_(source);
        return new LoadResult(missing.AsReadOnly(), unexpected.AsReadOnly(), mismatched.AsReadOnly());
    }

    /// <summary>
    /// Writes the state as a .safetensors file, which PyTorch can read. The file does not say where tensors were.
    /// </summary>
    /// <param name="path">
    /// The file; an existing file is replaced only once the new one is complete and on the disk.
    /// </param>
    /// <param name="metadata">Texts to store with the tensors.</param>
    public void Save(string path, IReadOnlyDictionary<string, string>? metadata = null)
    {
        using var scope = Tensor.Scope();
        SafeTensors.Save(path, StateDict(), metadata);
    }

    /// <summary>
    /// Loads a file written by <see cref="Save"/>, or a .safetensors file written by PyTorch, into the parameters where
    /// they are, on any device.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="strict">Whether missing and unexpected names are errors; otherwise the result lists them.</param>
    /// <param name="skipMismatched">Whether tensors of another shape are left out; otherwise they are errors.</param>
    /// <returns>What was not loaded; empty lists if everything was.</returns>
    /// <exception cref="StateDictException">The tensors of the file do not fit; nothing is loaded.</exception>
    /// <exception cref="TensorIOException">The file is missing or damaged.</exception>
    public LoadResult Load(string path, bool strict = true, bool skipMismatched = false)
    {
        using var scope = Tensor.Scope();
        return LoadStateDict(SafeTensors.Load(path), strict, skipMismatched);
    }

    // All names, including the second one of a shared tensor, as in PyTorch's checkpoints.
    private IEnumerable<(string Name, Tensor Tensor, bool IsOptional)> StateEntries()
    {
        UpdateMembers();
        foreach (var (name, parameter) in _parameters)
            yield return (name, parameter.Value, false);
        foreach (var (name, buffer) in _buffers)
        {
            if (buffer.IsPersistent)
                yield return (name, buffer.Value, buffer.IsOptional);
        }
        foreach (var (name, child) in _children)
        {
            foreach (var (rest, tensor, isOptional) in child.StateEntries())
                yield return (Join(name, rest), tensor, isOptional);
        }
    }

    // A count that is copied from a fraction, or from NaN, would be another number.
    private static bool HasFractions(Tensor source)
    {
        using var noGrad = Autograd.NoGrad();
        using var exact = source.Detach().To(DType.Float64);
        return Array.Exists(exact.ToArray<double>(), value => !double.IsInteger(value));
    }
}
