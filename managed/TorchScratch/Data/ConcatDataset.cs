// Several data sets, one after the other.

namespace TorchScratch.Data;

/// <summary>The samples of several data sets as one, in order.</summary>
/// <typeparam name="TSample">One sample, such as <c>(Tensor Input, Tensor Target)</c>.</typeparam>
public sealed class ConcatDataset<TSample> : IRandomDataset<TSample>
{
    private readonly IDataset<TSample>[] _parts;

    // For each part, the index after its last sample.
    private readonly int[] _ends;

    /// <summary>Concatenates data sets, in order.</summary>
    /// <exception cref="OverflowException">The total number of samples exceeds the range of int.</exception>
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

    /// <summary>The total number of samples.</summary>
    public int Count => _ends.Length == 0 ? 0 : _ends[^1];

    /// <inheritdoc/>
    public TSample this[int index]
    {
        get
        {
            var (part, offset) = Find(index);
            return part[offset];
        }
    }

    /// <inheritdoc/>
    public TSample GetSample(int index, ref SampleRandom random)
    {
        var (part, offset) = Find(index);
        return part.GetSampleOf(offset, ref random);
    }

    private (IDataset<TSample> Part, int Offset) Find(int index)
    {
        SampleIndices.Check(index, Count);
        var part = 0;
        while (index >= _ends[part])
            part++;
        return (_parts[part], index - (part == 0 ? 0 : _ends[part - 1]));
    }
}
