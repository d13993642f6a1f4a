// Means of windows of sequences.

namespace TorchScratch.NN;

/// <summary>The mean of each window of (N, C, L) or (C, L).</summary>
public sealed class AvgPool1d : Module<Tensor, Tensor>
{
    /// <summary>A pooling layer.</summary>
    /// <param name="kernelSize">Size of a window.</param>
    /// <param name="stride">Steps between windows; as large as the window if not given.</param>
    /// <param name="padding">Zeros added on every side, at most half a window.</param>
    /// <param name="ceilMode">Whether a window may reach over the end.</param>
    /// <param name="countIncludePad">Whether the zeros count among the elements of the mean.</param>
    public AvgPool1d(int kernelSize, int? stride = null, int padding = 0, bool ceilMode = false,
        bool countIncludePad = true)
    {
        KernelSize = AtLeast(kernelSize, 1);
        Stride = AtLeast(stride ?? kernelSize, 1);
        Padding = AtLeast(padding, 0);
        CeilMode = ceilMode;
        CountIncludePad = countIncludePad;
    }

    /// <summary>Size of a window.</summary>
    public int KernelSize { get; }

    /// <summary>Steps between windows.</summary>
    public int Stride { get; }

    /// <summary>Zeros added on every side.</summary>
    public int Padding { get; }

    /// <summary>Whether a window may reach over the end.</summary>
    public bool CeilMode { get; }

    /// <summary>Whether the zeros count among the elements of the mean.</summary>
    public bool CountIncludePad { get; }

    /// <inheritdoc/>
    protected override string Description =>
        $"kernel_size=({KernelSize},), stride=({Stride},), padding=({Padding},)";

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.AvgPool1d(input, KernelSize, Stride, Padding,
        CeilMode, CountIncludePad);

    private static int AtLeast(int size, int minimum) => size >= minimum
        ? size
        : throw new ArgumentException($"a size of {size}, expected at least {minimum}");
}
