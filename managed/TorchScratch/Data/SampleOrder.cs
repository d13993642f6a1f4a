// Which samples are in which batch: a pure function of the seed and the epoch.

namespace TorchScratch.Data;

/// <summary>The order of one epoch, cut into batches.</summary>
internal sealed class SampleOrder
{
    private readonly int[] _indices;
    private readonly int _batchSize;

    public SampleOrder(int[] indices, int batchSize, bool dropLast)
    {
        _indices = indices;
        _batchSize = batchSize;
        BatchCount = CountBatches(indices.Length, batchSize, dropLast);
    }

    /// <summary>All samples, by index or in an order of the epoch's own.</summary>
    public static int[] All(int samples, bool shuffle, EpochSeed epoch)
    {
        var indices = new int[samples];
        for (var i = 0; i < samples; i++)
            indices[i] = i;
        if (shuffle)
            SplitMix64.ForPart(epoch.Seed, (ulong)epoch.Epoch).Shuffle(indices);
        return indices;
    }

    /// <summary>The samples that a sampler chooses.</summary>
    /// <exception cref="InvalidOperationException">It chose one that the data set does not have.</exception>
    public static int[] Chosen(ISampler sampler, int samples, EpochSeed epoch)
    {
        var indices = new int[sampler.Count];
        sampler.Sample(indices, epoch);
        return indices.AsSpan().IndexOfAnyExceptInRange(0, samples - 1) is >= 0 and var bad
            ? throw new InvalidOperationException($"the sampler chose sample {indices[bad]}, expected 0 to {samples - 1}")
            : indices;
    }

    /// <summary>Batches in the epoch.</summary>
    public int BatchCount { get; }

    /// <summary>The samples of one batch; the last one may be smaller.</summary>
    public ReadOnlySpan<int> this[int batch]
    {
        get
        {
            var start = batch * _batchSize;
            return _indices.AsSpan(start, Math.Min(_batchSize, _indices.Length - start));
        }
    }

    public static int CountBatches(int samples, int batchSize, bool dropLast) =>
        dropLast ? samples / batchSize : (int)(((long)samples + batchSize - 1) / batchSize);
}
