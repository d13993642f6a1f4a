// The logarithm of the sigmoid.

namespace TorchScratch.NN;

/// <summary>log(1 / (1 + exp(-x))), computed without overflow.</summary>
public sealed class LogSigmoid : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.LogSigmoid(input);
}
