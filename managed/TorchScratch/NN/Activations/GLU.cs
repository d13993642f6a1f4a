// The gated linear unit: Dauphin et al. (2016).

using System.Globalization;

namespace TorchScratch.NN;

/// <summary>
/// a sigmoid(b), where a and b are the halves of x along a dimension of even size: Dauphin et al. (2016).
/// </summary>
/// <param name="dim">The dimension to halve; negative counts from the end.</param>
public sealed class GLU(int dim = -1) : Module<Tensor, Tensor>
{
    /// <summary>The dimension to halve.</summary>
    public int Dim => dim;

    /// <inheritdoc/>
    protected override string Description => string.Create(CultureInfo.InvariantCulture, $"dim={dim}");

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.Glu(input, dim);
}
