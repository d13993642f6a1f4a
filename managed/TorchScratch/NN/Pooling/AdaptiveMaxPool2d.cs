// Pooling to a size.

namespace TorchScratch.NN;

/// <summary>
/// The largest elements of as many windows as the output has elements, spread evenly over (N, C, H, W) or (C, H, W).
/// </summary>
public sealed class AdaptiveMaxPool2d : Module<Tensor, Tensor>
{
    /// <summary>A pooling layer.</summary>
    /// <param name="outputSize">The output's rows and columns; -1 for the input's own.</param>
    /// <exception cref="ArgumentException">A size is out of range.</exception>
    public AdaptiveMaxPool2d(Size2d outputSize)
    {
        outputSize.AtLeast(-1);
        OutputSize = outputSize;
    }

    /// <summary>The output's rows and columns; -1 for the input's own.</summary>
    public Size2d OutputSize { get; }

    /// <inheritdoc/>
    protected override string Description => $"output_size={OutputSize.ToShortString()}";

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) =>
        Functional.AdaptiveMaxPool2d(input, OutputSize.Height, OutputSize.Width);
}
