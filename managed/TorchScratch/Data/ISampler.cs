// Which samples an epoch has, where that is not simply all of them.

namespace TorchScratch.Data;

/// <summary>Chooses the samples of each epoch.</summary>
public interface ISampler
{
    /// <summary>Samples in an epoch.</summary>
    int Count { get; }

    /// <summary>Writes the samples' indices, in their order; the same ones for the same epoch, whenever it is called.</summary>
    /// <param name="indices">Takes them: <see cref="Count"/> of them.</param>
    /// <param name="epoch">Decides all that is random.</param>
    void Sample(Span<int> indices, EpochSeed epoch);
}

/// <summary>Draws samples with replacement, each as often as its weight says: for classes of very different sizes.</summary>
public sealed class WeightedSampler : ISampler
{
    private readonly double[] _sums;

    /// <summary>A sampler for a data set of as many samples as there are weights.</summary>
    /// <param name="weights">One for each sample, 0 or more; their sum need not be 1.</param>
    /// <param name="count">Samples in an epoch; as many as weights if not given.</param>
    /// <exception cref="ArgumentException">A weight is negative or not finite, or all are 0.</exception>
    public WeightedSampler(ReadOnlySpan<double> weights, int? count = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count ?? 0, nameof(count));
        _sums = new double[weights.Length];
        var sum = 0.0;
        for (var i = 0; i < weights.Length; i++)
        {
            if (!(weights[i] >= 0) || !double.IsFinite(weights[i]))
                throw new ArgumentException($"weight {i} is {weights[i]}, expected 0 or more", nameof(weights));
            _sums[i] = sum += weights[i];
        }
        if (!(sum > 0) || !double.IsFinite(sum))
            throw new ArgumentException($"the weights' sum is {sum}, expected more than 0, and finite", nameof(weights));
        Count = count ?? weights.Length;
    }

    /// <summary>Samples in an epoch.</summary>
    public int Count { get; }

    /// <inheritdoc/>
    public void Sample(Span<int> indices, EpochSeed epoch)
    {
        var random = epoch.ForSample(-1);
        for (var i = 0; i < indices.Length; i++)
        {
            // 53 bits, as many as a double holds.
            var place = Array.BinarySearch(_sums, (random.NextBits() >> 11) * (1.0 / (1L << 53)) * _sums[^1]);
            // The first sum that is larger: found exactly, the sample begins after it, and those of weight 0 have no room.
            place = place < 0 ? ~place : place + 1;
            while (place < _sums.Length - 1 && _sums[place] == (place == 0 ? 0 : _sums[place - 1]))
                place++;
            indices[i] = Math.Min(place, _sums.Length - 1);
        }
    }
}
