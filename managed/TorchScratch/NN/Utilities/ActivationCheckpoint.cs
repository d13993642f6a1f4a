// A part of a model whose activations are recomputed in the backward pass.

namespace TorchScratch.NN;

/// <summary>
/// Calls a module through <see cref="Checkpoint.Run(Func{Tensor, Tensor}, Tensor)"/>: only its input is kept for the
/// backward pass, which computes everything else again. Parameters keep the names they have in the module, and so do
/// the keys of a state dict. Running statistics, as of batch normalization, are updated twice.
/// </summary>
public sealed class ActivationCheckpoint : Module<Tensor, Tensor>
{
    /// <summary>Wraps a module.</summary>
    public ActivationCheckpoint(Module<Tensor, Tensor> module) => Wrapped = RegisterWrapped(module);

    /// <summary>The wrapped module.</summary>
    public Module<Tensor, Tensor> Wrapped { get; }

    // The backward pass calls the module again with the input.
    internal override bool KeepsNothing => false;

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return Autograd.IsGradEnabled ? Checkpoint.Run(Wrapped.Call, input) : Wrapped.Call(input);
    }
}
