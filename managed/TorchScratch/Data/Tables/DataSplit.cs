// Splits samples into parts for training and testing.

namespace TorchScratch.Data;

/// <summary>The indices of two disjoint parts of a data set.</summary>
/// <param name="Train">Samples to train on.</param>
/// <param name="Test">Samples to test on.</param>
public sealed record DataSplit(int[] Train, int[] Test)
{
    /// <summary>Splits samples at random.</summary>
    /// <param name="count">The number of samples.</param>
    /// <param name="testFraction">The fraction to test on, in (0, 1); rounded to whole samples.</param>
    /// <param name="seed">The seed of the random order.</param>
    public static DataSplit Random(int count, double testFraction, ulong seed = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Array.MaxLength);
        CheckFraction(testFraction);
        var order = SampleOrder.All(count, shuffle: true, new EpochSeed(seed, 0));
        var test = (int)Math.Round(count * testFraction);
        return new DataSplit(order[test..], order[..test]);
    }

    /// <summary>Splits samples at random, with the same proportion of each class in both parts.</summary>
    /// <param name="labels">The class of each sample.</param>
    /// <param name="testFraction">The fraction to test on, in (0, 1); rounded to whole samples of each class.</param>
    /// <param name="seed">The seed of the random order.</param>
    public static DataSplit Stratified(ReadOnlySpan<long> labels, double testFraction, ulong seed = 0)
    {
        CheckFraction(testFraction);
        var train = new List<int>();
        var test = new List<int>();
        foreach (var members in Strata(labels, seed))
        {
            var count = (int)Math.Round(members.Length * testFraction);
            test.AddRange(members.AsSpan(0, count));
            train.AddRange(members.AsSpan(count));
        }
        return new DataSplit([.. train.Order()], [.. test.Order()]);
    }

    /// <summary>The members of each class, in random order.</summary>
    internal static List<int[]> Strata(ReadOnlySpan<long> labels, ulong seed)
    {
        var members = new SortedDictionary<long, List<int>>();
        foreach (var index in SampleOrder.All(labels.Length, shuffle: true, new EpochSeed(seed, 0)))
        {
            if (!members.TryGetValue(labels[index], out var list))
                members[labels[index]] = list = [];
            list.Add(index);
        }
        return [.. members.Values.Select(list => list.ToArray())];
    }

    private static void CheckFraction(double fraction)
    {
        if (!(fraction > 0 && fraction < 1))
            throw new ArgumentOutOfRangeException(nameof(fraction), fraction, "must be between 0 and 1");
    }
}

/// <summary>Cross-validation: k splits such that each sample is in the test part of exactly one of them.</summary>
public sealed class KFold
{
    private readonly ulong _seed;

    /// <summary>Creates k-fold splits.</summary>
    /// <param name="folds">The number of folds k, at least 2.</param>
    /// <param name="seed">The seed of the random order.</param>
    public KFold(int folds, ulong seed = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(folds, 2);
        (Folds, _seed) = (folds, seed);
    }

    /// <summary>The number of folds.</summary>
    public int Folds { get; }

    /// <summary>Splits into folds whose sizes differ by at most one sample.</summary>
    /// <param name="count">The number of samples, at least k.</param>
    public IReadOnlyList<DataSplit> Split(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, Folds);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Array.MaxLength);
        return Deal(SampleOrder.All(count, shuffle: true, new EpochSeed(_seed, 0)));
    }

    /// <summary>Splits into folds in which also the number of samples of each class differs by at most one.</summary>
    /// <param name="labels">The class of each sample; at least k samples.</param>
    public IReadOnlyList<DataSplit> Split(ReadOnlySpan<long> labels)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(labels.Length, Folds, nameof(labels));
        // Dealt like cards, one class after the other.
        return Deal([.. DataSplit.Strata(labels, _seed).SelectMany(members => members)]);
    }

    private List<DataSplit> Deal(int[] order) =>
    [
        .. Enumerable.Range(0, Folds).Select(fold => new DataSplit(
            [.. order.Where((_, position) => position % Folds != fold).Order()],
            [.. order.Where((_, position) => position % Folds == fold).Order()])),
    ];
}
