// Which samples are in which batch: a pure function of the seed and the epoch.

namespace TorchScratch.Data;

/// <summary>The order of one epoch, cut into batches.</summary>
internal sealed class SampleOrder
{
    private readonly int[] _indices;
    private readonly int _batchSize;

    public SampleOrder(int samples, int batchSize, bool dropLast, bool shuffle, ulong seed, int epoch)
    {
        _batchSize = batchSize;
        _indices = new int[samples];
        for (var i = 0; i < samples; i++)
            _indices[i] = i;
        if (shuffle)
            SplitMix64.ForPart(seed, (ulong)epoch).Shuffle(_indices);
        BatchCount = CountBatches(samples, batchSize, dropLast);
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
