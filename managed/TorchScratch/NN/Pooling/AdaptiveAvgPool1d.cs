// Pooling to a size.

namespace TorchScratch.NN;

/// <summary>
/// The means of as many windows as the output has elements, spread evenly over (N, C, L) or (C, L).
/// </summary>
public sealed class AdaptiveAvgPool1d : Module<Tensor, Tensor>
{
    /// <summary>A pooling layer.</summary>
    /// <param name="outputSize">The output's length.</param>
    /// <exception cref="ArgumentException">A size is out of range.</exception>
    public AdaptiveAvgPool1d(int outputSize)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(outputSize);
        OutputSize = outputSize;
    }

    /// <summary>The output's length.</summary>
    public int OutputSize { get; }

    /// <inheritdoc/>
    protected override string Description => $"output_size={OutputSize}";

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) =>
        Functional.AdaptiveAvgPool1d(input, OutputSize);
}
