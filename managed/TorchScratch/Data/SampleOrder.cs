// The order of the samples and their division into batches, as a function of seed and epoch.

using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace TorchScratch.Data;

/// <summary>The order of one epoch, divided into batches.</summary>
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

    /// <summary>All samples, in the order of their indices or in the random order of the epoch.</summary>
    public static int[] All(int samples, bool shuffle, EpochSeed epoch)
    {
        if (samples > Array.MaxLength)
        {
            throw new ArgumentOutOfRangeException(nameof(samples), samples,
                $"at most {Array.MaxLength} samples have an order");
        }
        var indices = new int[samples];
        for (var i = 0; i < samples; i++)
            indices[i] = i;
        if (shuffle)
            SplitMix64.ForPart(epoch.Seed, (ulong)epoch.Epoch).Shuffle(indices);
        return indices;
    }

    /// <summary>The samples that a sampler chooses.</summary>
    /// <exception cref="InvalidOperationException">It chose an index that is out of range.</exception>
    public static int[] Chosen(ISampler sampler, int samples, EpochSeed epoch)
    {
        var indices = new int[sampler.Count];
        sampler.Sample(indices, epoch);
        return indices.AsSpan().IndexOfAnyExceptInRange(0, samples - 1) is >= 0 and var bad
            ? throw new InvalidOperationException(
                $"{sampler.GetType().Name} chose sample {indices[bad]}, expected 0 to {samples - 1}")
            : indices;
    }

    /// <summary>
    /// A checksum of the indices that a sampler chooses: the first 64 bits of their SHA-256, in hexadecimal.
    /// </summary>
    public static string Checksum(ISampler sampler, EpochSeed epoch)
    {
        var indices = new int[sampler.Count];
        sampler.Sample(indices, epoch);
        return Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes(indices.AsSpan()))[..8]);
    }

    /// <summary>The number of batches in the epoch.</summary>
    public int BatchCount { get; }

    /// <summary>The indices of one batch; the last batch may be smaller.</summary>
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
