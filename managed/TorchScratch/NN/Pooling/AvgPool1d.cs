// Average pooling of sequences.

namespace TorchScratch.NN;

/// <summary>
/// The mean of each window of (N, C, L) or (C, L). The output has floor((size + 2 padding - kernelSize) / stride) + 1
/// elements in its last dimension.
/// </summary>
/// <param name="kernelSize">Size of the window.</param>
/// <param name="stride">Distance between the starts of neighbouring windows; kernelSize if not given.</param>
/// <param name="padding">Number of zeros added on every side; at most half the window.</param>
/// <param name="ceilMode">
/// Whether output sizes are rounded up instead of down, so that the last window may extend past the edge.
/// </param>
/// <param name="countIncludePad">Whether the zeros of the padding count as elements of the mean.</param>
/// <exception cref="ArgumentException">A size is out of range.</exception>
public sealed class AvgPool1d(int kernelSize, int? stride = null, int padding = 0, bool ceilMode = false,
    bool countIncludePad = true)
    : Module<Tensor, Tensor>
{
    /// <summary>Size of the window.</summary>
    public int KernelSize { get; } = Argument.AtLeast(kernelSize, 1);

    /// <summary>Distance between the starts of neighbouring windows.</summary>
    public int Stride { get; } = Argument.AtLeast(stride ?? kernelSize, 1, nameof(stride));

    /// <summary>Number of zeros added on every side; at most half the window.</summary>
    public int Padding { get; } = Argument.AtLeast(padding, 0);

    /// <summary>
    /// Whether output sizes are rounded up instead of down, so that the last window may extend past the edge.
    /// </summary>
    public bool CeilMode => ceilMode;

    /// <summary>Whether the zeros of the padding count as elements of the mean.</summary>
    public bool CountIncludePad => countIncludePad;

    /// <inheritdoc/>
    protected override string Description =>
        $"kernel_size=({KernelSize},), stride=({Stride},), padding=({Padding},)";

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) =>
        Functional.AvgPool1d(input, KernelSize, Stride, Padding, ceilMode, countIncludePad);
}
