// Max pooling of volumes.

namespace TorchScratch.NN;

/// <summary>The largest element of each window of (N, C, D, H, W) or (C, D, H, W).</summary>
/// <param name="kernelSize">Size of a window.</param>
/// <param name="stride">Steps between windows; as large as the window if not given.</param>
/// <param name="padding">Minus infinity added on every side, at most half a window.</param>
/// <param name="dilation">Steps between the elements of a window.</param>
/// <param name="ceilMode">Whether a window may reach over the end.</param>
public sealed class MaxPool3d(Size3d kernelSize, Size3d? stride = null, Size3d? padding = null,
    Size3d? dilation = null, bool ceilMode = false)
    : Module<Tensor, Tensor>
{
    private readonly Size3d _kernelSize = kernelSize.AtLeast(1), _stride = (stride ?? kernelSize).AtLeast(1);
    private readonly Size3d _padding = (padding ?? 0).AtLeast(0), _dilation = (dilation ?? 1).AtLeast(1);

    /// <inheritdoc/>
    protected override string Description =>
        $"kernel_size={_kernelSize.ToShortString()}, stride={_stride.ToShortString()}, " +
        $"padding={_padding.ToShortString()}, dilation={_dilation.ToShortString()}, " +
        $"ceil_mode={PythonText.Of(ceilMode)}";

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.MaxPool3d(input, _kernelSize.ToArray(),
        _stride.ToArray(), _padding.ToArray(), _dilation.ToArray(), ceilMode);

    /// <summary>
    /// What PyTorch gives with return_indices: the output, and where in its volume, counted row by row, each maximum
    /// is, Int64.
    /// </summary>
    /// <param name="input">As for a call; hooks are not run.</param>
    public (Tensor Output, Tensor Indices) CallWithIndices(Tensor input) => Functional.MaxPool3dWithIndices(input,
        _kernelSize.ToArray(), _stride.ToArray(), _padding.ToArray(), _dilation.ToArray(), ceilMode);
}
