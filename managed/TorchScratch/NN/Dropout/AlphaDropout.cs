// Dropout for networks with SELU activations: Klambauer et al. (2017).

using System.Globalization;

namespace TorchScratch.NN;

/// <summary>
/// In training, sets each element to -s, the limit of SELU at minus infinity, with probability p, and then restores
/// mean 0 and variance 1 by a x + b, where a = ((1 + s^2 p) (1 - p))^(-1/2), b = a s p and s = 1.7580993408473766; in
/// evaluation, returns its input. Klambauer et al. (2017), section 2.
/// </summary>
/// <param name="p">The probability with which an element is dropped, in [0, 1].</param>
/// <exception cref="ArgumentOutOfRangeException">p is not in [0, 1].</exception>
public class AlphaDropout(double p = 0.5) : Module<Tensor, Tensor>
{
    // The scale of SELU times its alpha.
    private const double LowerLimit = 1.7580993408473766;

    /// <summary>The probability with which an element, or a channel, is dropped.</summary>
    public double P { get; } = Argument.Probability(p);

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
        var kept = Tensor.Empty(NoiseShape(input), input.DType, input.Device).Bernoulli_(1 - P);
        var scale = 1 / Math.Sqrt((LowerLimit * LowerLimit * P + 1) * (1 - P));
        return input * (kept * scale) + ((kept - 1) * (LowerLimit * scale) + LowerLimit * scale * P);
    }

    /// <summary>The shape of the random numbers: one for each element.</summary>
    private protected virtual long[] NoiseShape(Tensor input) => input.Shape.ToArray();
}
