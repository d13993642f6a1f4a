// Samplers, which choose the samples of an epoch.

namespace TorchScratch.Data;

/// <summary>Chooses the samples of each epoch.</summary>
public interface ISampler
{
    /// <summary>The number of samples in an epoch.</summary>
    int Count { get; }

    /// <summary>
    /// Names the sampler in checkpoints, so that a run is not resumed with another one. A checksum of the indices of
    /// the epoch is stored beside it; a sampler whose later epochs depend on parameters should name those here.
    /// </summary>
    string Description => GetType().Name;

    /// <summary>
    /// Chooses the samples of an epoch. Calls with the same epoch must give the same indices, in the same order.
    /// </summary>
    /// <param name="indices">Receives the indices, <see cref="Count"/> in number.</param>
    /// <param name="epoch">The source of all randomness.</param>
    void Sample(Span<int> indices, EpochSeed epoch);
}

/// <summary>
/// Draws samples with replacement, with probabilities proportional to weights: for classes of very different sizes.
/// </summary>
public sealed class WeightedSampler : ISampler
{
    private readonly double[] _sums;

    /// <summary>Creates a sampler for a data set with as many samples as there are weights.</summary>
    /// <param name="weights">A weight for each sample, 0 or more; their sum need not be 1.</param>
    /// <param name="count">The number of samples in an epoch; that of the weights if not given.</param>
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
            throw new ArgumentException($"the sum of the weights is {sum}, expected a finite number above 0",
                nameof(weights));
        Count = count ?? weights.Length;
    }

    /// <summary>The number of samples in an epoch.</summary>
    public int Count { get; }

    /// <inheritdoc/>
    public void Sample(Span<int> indices, EpochSeed epoch)
    {
        var random = epoch.ForSample(-1);
        for (var i = 0; i < indices.Length; i++)
        {
            // 53 random bits, the precision of a double.
            var index = Array.BinarySearch(_sums, (random.NextBits() >> 11) * (1.0 / (1L << 53)) * _sums[^1]);
            // The first cumulative sum above the drawn number. After an exact match it is the next one, and samples of
            // weight 0 are skipped.
            index = index < 0 ? ~index : index + 1;
            while (index < _sums.Length - 1 && _sums[index] == (index == 0 ? 0 : _sums[index - 1]))
                index++;
            indices[i] = Math.Min(index, _sums.Length - 1);
        }
    }
}
