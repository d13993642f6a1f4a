// Largest elements of windows of sequences.

namespace TorchScratch.NN;

/// <summary>The largest element of each window of (N, C, L) or (C, L).</summary>
public sealed class MaxPool1d : Module<Tensor, Tensor>
{
    /// <summary>A pooling layer.</summary>
    /// <param name="kernelSize">Size of a window.</param>
    /// <param name="stride">Steps between windows; as large as the window if not given.</param>
    /// <param name="padding">Minus infinity added on every side, at most half a window.</param>
    /// <param name="dilation">Steps between the elements of a window.</param>
    /// <param name="ceilMode">Whether a window may reach over the end.</param>
    public MaxPool1d(int kernelSize, int? stride = null, int padding = 0, int dilation = 1, bool ceilMode = false)
    {
        KernelSize = AtLeast(kernelSize, 1);
        Stride = AtLeast(stride ?? kernelSize, 1);
        Padding = AtLeast(padding, 0);
        Dilation = AtLeast(dilation, 1);
        CeilMode = ceilMode;
    }

    /// <summary>Size of a window.</summary>
    public int KernelSize { get; }

    /// <summary>Steps between windows.</summary>
    public int Stride { get; }

    /// <summary>Minus infinity added on every side.</summary>
    public int Padding { get; }

    /// <summary>Steps between the elements of a window.</summary>
    public int Dilation { get; }

    /// <summary>Whether a window may reach over the end.</summary>
    public bool CeilMode { get; }

    /// <inheritdoc/>
    protected override string Description =>
        $"kernel_size={KernelSize}, stride={Stride}, padding={Padding}, " +
        $"dilation={Dilation}, ceil_mode={(CeilMode ? "True" : "False")}";

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.MaxPool1d(input, KernelSize, Stride, Padding,
        Dilation, CeilMode);

    /// <summary>
    /// What PyTorch gives with return_indices: the output, and where in its row each maximum is, Int64. See
    /// <see cref="MaxUnpool1d"/>.
    /// </summary>
    /// <param name="input">As for a call; hooks are not run.</param>
    public (Tensor Output, Tensor Indices) CallWithIndices(Tensor input) =>
        Functional.MaxPool1dWithIndices(input, KernelSize, Stride, Padding, Dilation, CeilMode);

    private static int AtLeast(int size, int minimum) => size >= minimum
        ? size
        : throw new ArgumentException($"a size of {size}, expected at least {minimum}");
}
