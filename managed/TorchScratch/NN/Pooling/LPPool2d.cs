// Power-average pooling of images.

using System.Globalization;

namespace TorchScratch.NN;

/// <summary>(sum of x^p)^(1/p) over each window of (N, C, H, W) or (C, H, W).</summary>
/// <param name="normType">p.</param>
/// <param name="kernelSize">Size of a window.</param>
/// <param name="stride">Steps between windows; as large as the window if not given.</param>
/// <param name="ceilMode">Whether a window may reach over the end.</param>
public sealed class LPPool2d(double normType, Size2d kernelSize, Size2d? stride = null, bool ceilMode = false)
    : Module<Tensor, Tensor>
{
    private readonly Size2d _kernelSize = kernelSize.AtLeast(1), _stride = (stride ?? kernelSize).AtLeast(1);

    /// <inheritdoc/>
    protected override string Description => string.Create(CultureInfo.InvariantCulture,
        $"norm_type={normType}, kernel_size={_kernelSize.ToShortString()}, ") +
        $"stride={stride?.ToShortString() ?? "None"}, ceil_mode={PythonText.Of(ceilMode)}";

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.LpPool2d(input, normType,
        (_kernelSize.Height, _kernelSize.Width), (_stride.Height, _stride.Width), ceilMode);
}
