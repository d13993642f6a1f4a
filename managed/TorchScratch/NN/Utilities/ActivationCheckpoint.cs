// A part of a model whose activations are computed again in the backward pass.

namespace TorchScratch.NN;

/// <summary>
/// Runs a module through <see cref="Checkpoint.Run(Func{Tensor, Tensor}, Tensor)"/>: it keeps its input alone for the
/// backward pass and computes the rest again there. Names of parameters, and so the keys of checkpoints, are the
/// module's own. In a module with running statistics (batch norm) these are updated twice.
/// </summary>
public sealed class ActivationCheckpoint : Module<Tensor, Tensor>
{
    /// <summary>Wraps a module.</summary>
    public ActivationCheckpoint(Module<Tensor, Tensor> module) => Wrapped = RegisterWrapped(module);

    /// <summary>The module.</summary>
    public Module<Tensor, Tensor> Wrapped { get; }

    // The backward pass begins with the input.
    internal override bool KeepsNothing => false;

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) =>
        Autograd.IsGradEnabled ? Checkpoint.Run(Wrapped.Call, input) : Wrapped.Call(input);
}
