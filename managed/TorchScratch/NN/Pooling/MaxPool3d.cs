// Max pooling of volumes.

namespace TorchScratch.NN;

/// <summary>
/// The largest element of each window of (N, C, D, H, W) or (C, D, H, W). The output has floor((size + 2 padding -
/// dilation (kernelSize - 1) - 1) / stride) + 1 elements in each direction.
/// </summary>
/// <param name="kernelSize">Size of the window.</param>
/// <param name="stride">Distance between the starts of neighbouring windows; kernelSize if not given.</param>
/// <param name="padding">Number of elements, of minus infinity, added on every side; at most half the window.</param>
/// <param name="dilation">Distance between neighbouring elements of a window.</param>
/// <param name="ceilMode">
/// Whether output sizes are rounded up instead of down, so that the last window may extend past the edge.
/// </param>
/// <exception cref="ArgumentException">A size is out of range.</exception>
public sealed class MaxPool3d(Size3d kernelSize, Size3d? stride = null, Size3d? padding = null, Size3d? dilation = null,
    bool ceilMode = false)
    : Module<Tensor, Tensor>
{
    /// <summary>Size of the window.</summary>
    public Size3d KernelSize { get; } = Argument.AtLeast(kernelSize, 1);

    /// <summary>Distance between the starts of neighbouring windows.</summary>
    public Size3d Stride { get; } = Argument.AtLeast(stride ?? kernelSize, 1, nameof(stride));

    /// <summary>Number of elements, of minus infinity, added on every side; at most half the window.</summary>
    public Size3d Padding { get; } = Argument.AtLeast(padding ?? 0, 0, nameof(padding));

    /// <summary>Distance between neighbouring elements of a window.</summary>
    public Size3d Dilation { get; } = Argument.AtLeast(dilation ?? 1, 1, nameof(dilation));

    /// <summary>
    /// Whether output sizes are rounded up instead of down, so that the last window may extend past the edge.
    /// </summary>
    public bool CeilMode => ceilMode;

    /// <inheritdoc/>
    protected override string Description =>
        $"kernel_size={KernelSize.ToShortString()}, stride={Stride.ToShortString()}, " +
        $"padding={Padding.ToShortString()}, dilation={Dilation.ToShortString()}, " +
        $"ceil_mode={PythonText.Of(ceilMode)}";

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.MaxPool3d(input, KernelSize.ToIntList(),
        Stride.ToIntList(), Padding.ToIntList(), Dilation.ToIntList(), ceilMode);

    /// <summary>
    /// The output together with the index of each maximum, as PyTorch gives them with return_indices.
    /// </summary>
    /// <param name="input">An input as for a call; hooks do not run.</param>
    /// <returns>
    /// The output, and for each of its elements its position in the last three dimensions, flattened, Int64.
    /// </returns>
    public (Tensor Output, Tensor Indices) CallWithIndices(Tensor input) => Functional.MaxPool3dWithIndices(input,
        KernelSize.ToIntList(), Stride.ToIntList(), Padding.ToIntList(), Dilation.ToIntList(), ceilMode);
}
