// Dropout for networks with SELU activations: Klambauer et al. (2017).

using System.Globalization;

namespace TorchScratch.NN;

/// <summary>
/// In training, sets each element to SELU's lower limit -s with a probability p, and brings mean 0 and variance 1 back
/// by a x + b: a = ((1 + s^2 p) (1 - p))^(-1/2) and b = a s p, with s = 1.7580993408473766.
/// </summary>
public class AlphaDropout : Module<Tensor, Tensor>
{
    // SELU's scale times its alpha.
    private const double LowerLimit = 1.7580993408473766;

    /// <summary>A dropout layer.</summary>
    /// <param name="p">The probability, in [0, 1].</param>
    public AlphaDropout(double p = 0.5)
    {
        if (p is not (>= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(p), p, "a probability lies in [0, 1]");
        P = p;
    }

    /// <summary>The probability that an element, or a channel, is dropped.</summary>
    public double P { get; }

    /// <inheritdoc/>
    protected override string Description => string.Create(CultureInfo.InvariantCulture, $"p={P}, inplace=False");

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (!IsTraining || P == 0)
            return input;
        if (P == 1)
            return input * 0;
        var kept = Tensor.Empty(NoiseShape(input), input.DType).Bernoulli_(1 - P);
        var scale = 1 / Math.Sqrt((LowerLimit * LowerLimit * P + 1) * (1 - P));
        return input * (kept * scale) + ((kept - 1) * (LowerLimit * scale) + LowerLimit * scale * P);
    }

    /// <summary>One draw for each element.</summary>
    private protected virtual long[] NoiseShape(Tensor input) => input.Shape.ToArray();
}
