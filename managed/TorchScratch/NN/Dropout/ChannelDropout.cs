// Dropout of whole channels, whose neighbouring elements say much the same: Tompson et al. (2015).

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

/// <summary>Dropout of channels of sequences (N, C, L) or (C, L).</summary>
/// <param name="p">The probability that a channel is dropped, in [0, 1].</param>
public sealed class Dropout1d(double p = 0.5) : ChannelDropout(p, 1);

/// <summary>Dropout of channels of images (N, C, H, W) or (C, H, W).</summary>
/// <param name="p">The probability that a channel is dropped, in [0, 1].</param>
public sealed class Dropout2d(double p = 0.5) : ChannelDropout(p, 2);

/// <summary>Dropout of channels of volumes (N, C, D, H, W) or (C, D, H, W).</summary>
/// <param name="p">The probability that a channel is dropped, in [0, 1].</param>
public sealed class Dropout3d(double p = 0.5) : ChannelDropout(p, 3);
