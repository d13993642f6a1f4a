// Random numbers for one sample, that depend on nothing but what they are for.

namespace TorchScratch.Data;

/// <summary>
/// A stream of random numbers that follows from its seed alone, on any platform and with any number of workers. A value
/// type: pass it by reference, since a copy yields the same numbers again.
/// </summary>
public struct SampleRandom
{
    private SplitMix64 _generator;

    /// <summary>A stream of its own for each seed.</summary>
    public SampleRandom(ulong seed) => _generator = new SplitMix64(seed);

    internal SampleRandom(SplitMix64 generator) => _generator = generator;

    /// <summary>64 random bits.</summary>
    public ulong NextBits() => _generator.Next();

    /// <summary>Uniform among 0 to <paramref name="bound"/> - 1, without bias.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="bound"/> is less than 1.</exception>
    public int Next(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bound, 1);
        return _generator.Next(bound);
    }

    /// <summary>Uniform in [0, 1).</summary>
    public float NextSingle() => _generator.NextSingle();

    /// <summary>Uniform in [low, high).</summary>
    public float NextSingle(float low, float high) => _generator.NextSingle(low, high);

    /// <summary>True with a probability.</summary>
    public bool NextBoolean(float probability = 0.5f) => NextSingle() < probability;

    /// <summary>Puts the values in a random order, each order equally likely.</summary>
    public void Shuffle(Span<int> values) => _generator.Shuffle(values);
}
