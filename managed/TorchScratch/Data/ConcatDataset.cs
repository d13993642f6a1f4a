// Data sets one after the other.

namespace TorchScratch.Data;

/// <summary>The samples of several data sets as one, in order.</summary>
/// <typeparam name="TSample">One sample, such as <c>(Tensor Input, Tensor Target)</c>.</typeparam>
public sealed class ConcatDataset<TSample> : IRandomDataset<TSample>
{
    private readonly IDataset<TSample>[] _parts;

    // Where each part ends, in the whole.
    private readonly int[] _ends;

    /// <summary>The parts, in order.</summary>
    /// <exception cref="OverflowException">They have more samples than an int can count.</exception>
    public ConcatDataset(params ReadOnlySpan<IDataset<TSample>> parts)
    {
        _parts = parts.ToArray();
        _ends = new int[parts.Length];
        for (var i = 0; i < _parts.Length; i++)
        {
            ArgumentNullException.ThrowIfNull(_parts[i], nameof(parts));
            _ends[i] = checked((i == 0 ? 0 : _ends[i - 1]) + _parts[i].Count);
        }
    }

    /// <summary>The number of samples of all parts.</summary>
    public int Count => _ends.Length == 0 ? 0 : _ends[^1];

    /// <inheritdoc/>
    public TSample this[int index]
    {
        get
        {
            var (part, place) = Find(index);
            return part[place];
        }
    }

    /// <inheritdoc/>
    public TSample GetSample(int index, ref SampleRandom random)
    {
        var (part, place) = Find(index);
        return part.GetSampleOf(place, ref random);
    }

    private (IDataset<TSample> Part, int Place) Find(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
        var part = 0;
        while (index >= _ends[part])
            part++;
        return (_parts[part], index - (part == 0 ? 0 : _ends[part - 1]));
    }
}
