// Max pooling of images to a given output size.

namespace TorchScratch.NN;

/// <summary>
/// The largest elements of windows that cover (N, C, H, W) or (C, H, W) evenly, as many as the output has elements.
/// </summary>
/// <param name="outputSize">The output's height and width; -1 keeps that of the input.</param>
/// <exception cref="ArgumentException">A size is out of range.</exception>
public sealed class AdaptiveMaxPool2d(Size2d outputSize) : Module<Tensor, Tensor>
{
    /// <summary>The output's height and width; -1 keeps that of the input.</summary>
    public Size2d OutputSize { get; } = Argument.AtLeast(outputSize, -1);

    /// <inheritdoc/>
    protected override string Description => $"output_size={OutputSize.ToShortString()}";

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) =>
        Functional.AdaptiveMaxPool2d(input, OutputSize.Height, OutputSize.Width);
}
