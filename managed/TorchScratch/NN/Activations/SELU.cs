// The scaled exponential linear unit: Klambauer et al. (2017).

namespace TorchScratch.NN;

/// <summary>
/// 1.0507 times <see cref="ELU"/> with alpha = 1.6733, with which the outputs of layers keep mean 0 and variance 1:
/// Klambauer et al. (2017).
/// </summary>
public sealed class SELU : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.Selu(input);
}
