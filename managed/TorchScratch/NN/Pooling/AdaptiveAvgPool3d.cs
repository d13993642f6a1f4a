// Average pooling of volumes to a given output size.

namespace TorchScratch.NN;

/// <summary>
/// The means of as many windows as the output has elements, spread evenly over (N, C, D, H, W) or (C, D, H, W).
/// </summary>
/// <param name="outputSize">The output's layers, rows and columns; -1 for the input's own.</param>
public sealed class AdaptiveAvgPool3d(Size3d outputSize) : Module<Tensor, Tensor>
{
    private readonly Size3d _outputSize = outputSize.AtLeast(-1);

    /// <inheritdoc/>
    protected override string Description => $"output_size={_outputSize.ToShortString()}";

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) =>
        Functional.AdaptiveAvgPool3d(input, _outputSize.Depth, _outputSize.Height, _outputSize.Width);
}
