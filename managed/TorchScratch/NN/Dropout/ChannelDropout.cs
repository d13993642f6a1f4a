// What dropout of whole channels shares: Tompson et al. (2015).

using System.Globalization;

namespace TorchScratch.NN;

/// <summary>
/// In training, zeroes each channel of each sample with a probability and scales the others by 1 / (1 - p).
/// </summary>
public abstract class ChannelDropout : Module<Tensor, Tensor>
{
    private readonly int _dims;

    private protected ChannelDropout(double p, int dims)
    {
        if (p is not (>= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(p), p, "a probability lies in [0, 1]");
        (P, _dims) = (p, dims);
    }

    /// <summary>The probability that a channel is dropped.</summary>
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
