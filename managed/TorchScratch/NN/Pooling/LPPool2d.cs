// Power-average pooling of images.

using System.Globalization;

namespace TorchScratch.NN;

/// <summary>
/// (sum of x^p)^(1/p) over each window of (N, C, H, W) or (C, H, W): the sum for p = 1, the maximum of positive
/// elements as p grows.
/// </summary>
/// <param name="normType">The exponent p.</param>
/// <param name="kernelSize">Size of the window.</param>
/// <param name="stride">Distance between the starts of neighbouring windows; kernelSize if not given.</param>
/// <param name="ceilMode">
/// Whether output sizes are rounded up instead of down, so that the last window may extend past the edge.
/// </param>
/// <exception cref="ArgumentException">A size is out of range.</exception>
public sealed class LPPool2d(double normType, Size2d kernelSize, Size2d? stride = null, bool ceilMode = false)
    : Module<Tensor, Tensor>
{
    /// <summary>The exponent p.</summary>
    public double NormType => normType;

    /// <summary>Size of the window.</summary>
    public Size2d KernelSize { get; } = Argument.AtLeast(kernelSize, 1);

    /// <summary>Distance between the starts of neighbouring windows.</summary>
    public Size2d Stride { get; } = Argument.AtLeast(stride ?? kernelSize, 1, nameof(stride));

    /// <summary>
    /// Whether output sizes are rounded up instead of down, so that the last window may extend past the edge.
    /// </summary>
    public bool CeilMode => ceilMode;

    /// <inheritdoc/>
    protected override string Description => string.Create(CultureInfo.InvariantCulture,
        $"norm_type={normType}, kernel_size={KernelSize.ToShortString()}, ") +
        $"stride={stride?.ToShortString() ?? "None"}, ceil_mode={PythonText.Of(ceilMode)}";

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) =>
        Functional.LpPool2d(input, normType, KernelSize.ToIntList(), Stride.ToIntList(), ceilMode);
}
