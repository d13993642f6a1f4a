// What dropout of whole channels shares: Tompson et al. (2015).

using System.Globalization;

namespace TorchScratch.NN;

/// <summary>
/// In training, sets each channel of each sample to 0 with probability p and multiplies the others by 1 / (1 - p); in
/// evaluation, returns its input. Neighbouring elements of a feature map are strongly correlated, so that dropping
/// single elements would have little effect.
/// </summary>
public abstract class ChannelDropout : Module<Tensor, Tensor>
{
    private readonly int _dims;

    private protected ChannelDropout(double p, int dims) => (P, _dims) = (Argument.Probability(p), dims);

    /// <summary>The probability with which a channel is dropped.</summary>
    public double P { get; }

    /// <inheritdoc/>
    protected override string Description => string.Create(CultureInfo.InvariantCulture, $"p={P}, inplace=False");

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (!IsTraining)
            return input;
        return input.NDim == _dims + 1
            ? Functional.Dropout2d(input.Unsqueeze(0), P, training: true).Squeeze(0)
            : Functional.Dropout2d(input, P, training: true);
    }
}
