// Max pooling of sequences to a given output size.

namespace TorchScratch.NN;

/// <summary>
/// The largest elements of windows that cover (N, C, L) or (C, L) evenly, as many as the output has elements.
/// </summary>
/// <param name="outputSize">The output's length.</param>
/// <exception cref="ArgumentException">A size is out of range.</exception>
public sealed class AdaptiveMaxPool1d(int outputSize) : Module<Tensor, Tensor>
{
    /// <summary>The output's length.</summary>
    public int OutputSize { get; } = Argument.NotNegative(outputSize);

    /// <inheritdoc/>
    protected override string Description => $"output_size={OutputSize}";

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.AdaptiveMaxPool1d(input, OutputSize);
}
