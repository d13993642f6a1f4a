// Where the random numbers of one epoch come from.

namespace TorchScratch.Data;

/// <summary>
/// A loader's seed and an epoch. With a sample's index they decide what is random about the sample, whichever worker makes
/// it and in whichever batch it comes.
/// </summary>
/// <param name="Seed">The loader's seed.</param>
/// <param name="Epoch">The epoch, from 0.</param>
public readonly record struct EpochSeed(ulong Seed, int Epoch)
{
    /// <summary>The random numbers of one sample in this epoch.</summary>
    /// <param name="index">The sample's index in its data set.</param>
    /// <param name="stream">Tells apart several users of randomness for the same sample.</param>
    public SampleRandom ForSample(int index, int stream = 0)
    {
        var epoch = SplitMix64.ForPart(Seed, (ulong)Epoch).Next();
        var sample = SplitMix64.ForPart(epoch, (ulong)index);
        return new SampleRandom(stream == 0 ? sample : SplitMix64.ForPart(sample.Next(), (ulong)stream));
    }
}
