// The scaled exponential linear unit: Klambauer et al. (2017).

namespace TorchScratch.NN;

/// <summary>ELU with the scale at which layers keep mean 0 and variance 1: Klambauer et al. (2017).</summary>
public sealed class SELU : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.Selu(input);
}
