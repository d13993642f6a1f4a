// Power-average pooling of sequences.

using System.Globalization;

namespace TorchScratch.NN;

/// <summary>(sum of x^p)^(1/p) over each window of (N, C, L) or (C, L).</summary>
/// <param name="normType">p.</param>
/// <param name="kernelSize">Size of a window.</param>
/// <param name="stride">Steps between windows; as large as the window if not given.</param>
/// <param name="ceilMode">Whether a window may reach over the end.</param>
public sealed class LPPool1d(double normType, int kernelSize, int? stride = null, bool ceilMode = false)
    : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    protected override string Description => string.Create(CultureInfo.InvariantCulture,
        $"norm_type={normType}, kernel_size={kernelSize}, stride={(stride is { } steps ? $"{steps}" : "None")}, ") +
        $"ceil_mode={PythonText.Of(ceilMode)}";

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) =>
        Functional.LpPool1d(input, normType, kernelSize, stride ?? kernelSize, ceilMode);
}
