// Average pooling of volumes.

namespace TorchScratch.NN;

/// <summary>The mean of each window of (N, C, D, H, W) or (C, D, H, W).</summary>
/// <param name="kernelSize">Size of a window.</param>
/// <param name="stride">Steps between windows; as large as the window if not given.</param>
/// <param name="padding">Zeros added on every side, at most half a window.</param>
/// <param name="ceilMode">Whether a window may reach over the end.</param>
/// <param name="countIncludePad">Whether the zeros count among the elements of the mean.</param>
/// <param name="divisorOverride">What to divide the sums by instead.</param>
public sealed class AvgPool3d(Size3d kernelSize, Size3d? stride = null, Size3d? padding = null, bool ceilMode = false,
    bool countIncludePad = true, int? divisorOverride = null) : Module<Tensor, Tensor>
{
    private readonly Size3d _kernelSize = kernelSize.AtLeast(1), _stride = (stride ?? kernelSize).AtLeast(1);
    private readonly Size3d _padding = (padding ?? 0).AtLeast(0);

    /// <inheritdoc/>
    protected override string Description =>
        $"kernel_size={_kernelSize.ToShortString()}, stride={_stride.ToShortString()}, " +
        $"padding={_padding.ToShortString()}";

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.AvgPool3d(input, _kernelSize.ToArray(),
        _stride.ToArray(), _padding.ToArray(), ceilMode, countIncludePad, divisorOverride);
}
