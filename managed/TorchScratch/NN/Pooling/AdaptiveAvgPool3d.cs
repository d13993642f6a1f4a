// Average pooling of volumes to a given output size.

namespace TorchScratch.NN;

/// <summary>
/// The means of windows that cover (N, C, D, H, W) or (C, D, H, W) evenly, as many as the output has elements.
/// </summary>
/// <param name="outputSize">The output's depth, height and width; -1 keeps that of the input.</param>
/// <exception cref="ArgumentException">A size is out of range.</exception>
public sealed class AdaptiveAvgPool3d(Size3d outputSize) : Module<Tensor, Tensor>
{
    /// <summary>The output's depth, height and width; -1 keeps that of the input.</summary>
    public Size3d OutputSize { get; } = Argument.AtLeast(outputSize, -1);

    /// <inheritdoc/>
    protected override string Description => $"output_size={OutputSize.ToShortString()}";

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) =>
        Functional.AdaptiveAvgPool3d(input, OutputSize.Depth, OutputSize.Height, OutputSize.Width);
}
