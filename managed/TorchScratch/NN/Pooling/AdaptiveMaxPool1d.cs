// Pooling to a size.

namespace TorchScratch.NN;

/// <summary>
/// The largest elements of as many windows as the output has elements, spread evenly over (N, C, L) or (C, L).
/// </summary>
public sealed class AdaptiveMaxPool1d : Module<Tensor, Tensor>
{
    /// <summary>A pooling layer.</summary>
    /// <param name="outputSize">The output's length.</param>
    /// <exception cref="ArgumentException">A size is out of range.</exception>
    public AdaptiveMaxPool1d(int outputSize)
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
        Functional.AdaptiveMaxPool1d(input, OutputSize);
}
