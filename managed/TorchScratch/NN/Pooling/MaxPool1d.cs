// Max pooling of sequences.

namespace TorchScratch.NN;

/// <summary>
/// The largest element of each window of (N, C, L) or (C, L). The output has floor((size + 2 padding - dilation
/// (kernelSize - 1) - 1) / stride) + 1 elements in its last dimension.
/// </summary>
/// <param name="kernelSize">Size of the window.</param>
/// <param name="stride">Distance between the starts of neighbouring windows; kernelSize if not given.</param>
/// <param name="padding">Number of elements, of minus infinity, added on every side; at most half the window.</param>
/// <param name="dilation">Distance between neighbouring elements of a window.</param>
/// <param name="ceilMode">
/// Whether output sizes are rounded up instead of down, so that the last window may extend past the edge.
/// </param>
/// <exception cref="ArgumentException">A size is out of range.</exception>
public sealed class MaxPool1d(int kernelSize, int? stride = null, int padding = 0, int dilation = 1,
    bool ceilMode = false)
    : Module<Tensor, Tensor>
{
    /// <summary>Size of the window.</summary>
    public int KernelSize { get; } = Argument.AtLeast(kernelSize, 1);

    /// <summary>Distance between the starts of neighbouring windows.</summary>
    public int Stride { get; } = Argument.AtLeast(stride ?? kernelSize, 1, nameof(stride));

    /// <summary>Number of elements, of minus infinity, added on every side; at most half the window.</summary>
    public int Padding { get; } = Argument.AtLeast(padding, 0);

    /// <summary>Distance between neighbouring elements of a window.</summary>
    public int Dilation { get; } = Argument.AtLeast(dilation, 1);

    /// <summary>
    /// Whether output sizes are rounded up instead of down, so that the last window may extend past the edge.
    /// </summary>
    public bool CeilMode => ceilMode;

    /// <inheritdoc/>
    protected override string Description =>
        $"kernel_size={KernelSize}, stride={Stride}, padding={Padding}, " +
        $"dilation={Dilation}, ceil_mode={PythonText.Of(ceilMode)}";

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) =>
        Functional.MaxPool1d(input, KernelSize, Stride, Padding, Dilation, ceilMode);

    /// <summary>
    /// The output together with the index of each maximum, as PyTorch gives them with return_indices.
    /// <see cref="MaxUnpool1d"/> takes both.
    /// </summary>
    /// <param name="input">An input as for a call; hooks do not run.</param>
    /// <returns>The output, and for each of its elements its position along the last dimension, Int64.</returns>
    public (Tensor Output, Tensor Indices) CallWithIndices(Tensor input) => Functional.MaxPool1dWithIndices(input,
        KernelSize, Stride, Padding, Dilation, ceilMode);
}
