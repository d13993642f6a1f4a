// Reproducible random numbers for one sample.

namespace TorchScratch.Data;

/// <summary>
/// A stream of random numbers that depends on its seed alone, on any platform and with any number of workers. It is a
/// value type: pass it by reference, since a copy yields the same numbers again.
/// </summary>
public struct SampleRandom
{
    private SplitMix64 _generator;

    /// <summary>Creates the stream of a seed.</summary>
    public SampleRandom(ulong seed) => _generator = new SplitMix64(seed);

    internal SampleRandom(SplitMix64 generator) => _generator = generator;

    /// <summary>Returns 64 random bits.</summary>
    public ulong NextBits() => _generator.Next();

    /// <summary>A uniform integer from 0 to <paramref name="bound"/> - 1, without bias.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="bound"/> is less than 1.</exception>
    public int Next(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bound, 1);
        return _generator.Next(bound);
    }

    /// <summary>A uniform number in [0, 1).</summary>
    public float NextSingle() => _generator.NextSingle();

    /// <summary>A uniform number in [low, high).</summary>
    public float NextSingle(float low, float high) => _generator.NextSingle(low, high);

    /// <summary>Returns true with a given probability.</summary>
    public bool NextBoolean(float probability = 0.5f) => NextSingle() < probability;

    /// <summary>Shuffles the values; each order is equally likely.</summary>
    public void Shuffle(Span<int> values) => _generator.Shuffle(values);
}
