// The source of the random numbers of one epoch.

namespace TorchScratch.Data;

/// <summary>
/// The seed of a loader and an epoch. Together with the index of a sample they determine its random numbers, regardless
/// of the worker that makes it and of its batch.
/// </summary>
/// <param name="Seed">The loader's seed.</param>
/// <param name="Epoch">The epoch, from 0.</param>
public readonly record struct EpochSeed(ulong Seed, int Epoch)
{
    /// <summary>The random numbers of one sample in this epoch.</summary>
    /// <param name="index">The sample's index in its data set.</param>
    /// <param name="stream">Separates several uses of random numbers for the same sample.</param>
    public SampleRandom ForSample(int index, int stream = 0)
    {
        var epoch = SplitMix64.ForPart(Seed, (ulong)Epoch).Next();
        var sample = SplitMix64.ForPart(epoch, (ulong)index);
        return new SampleRandom(stream == 0 ? sample : SplitMix64.ForPart(sample.Next(), (ulong)stream));
    }
}
