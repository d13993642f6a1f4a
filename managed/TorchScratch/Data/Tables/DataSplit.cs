// Which samples train and which test.

namespace TorchScratch.Data;

/// <summary>The indices of two parts that have no sample in common.</summary>
/// <param name="Train">Samples to train on.</param>
/// <param name="Test">Samples to test on.</param>
public sealed record DataSplit(int[] Train, int[] Test)
{
    /// <summary>Divides samples at random.</summary>
    /// <param name="count">How many there are.</param>
    /// <param name="testFraction">The part to test on, in (0, 1); rounded to whole samples.</param>
    /// <param name="seed">Decides which.</param>
    public static DataSplit Random(int count, double testFraction, ulong seed = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        CheckFraction(testFraction);
        var order = SampleOrder.All(count, shuffle: true, new EpochSeed(seed, 0));
        var test = (int)Math.Round(count * testFraction);
        return new DataSplit(order[test..], order[..test]);
    }

    /// <summary>Divides samples at random, each class in the same proportion.</summary>
    /// <param name="labels">The class of each sample.</param>
    /// <param name="testFraction">The part to test on, in (0, 1); rounded to whole samples of each class.</param>
    /// <param name="seed">Decides which.</param>
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
            throw new ArgumentOutOfRangeException(nameof(fraction), fraction, "a fraction is between 0 and 1");
    }
}

/// <summary>Cross-validation: each sample is in the test part of exactly one of k divisions.</summary>
public sealed class KFold
{
    private readonly ulong _seed;

    /// <summary>Divisions into k parts, of which each is the test part once.</summary>
    /// <param name="folds">k, 2 or more.</param>
    /// <param name="seed">Decides which sample is in which part.</param>
    public KFold(int folds, ulong seed = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(folds, 2);
        (Folds, _seed) = (folds, seed);
    }

    /// <summary>The number of divisions.</summary>
    public int Folds { get; }

    /// <summary>Parts whose sizes differ by one sample at most.</summary>
    /// <param name="count">How many samples there are, k at least.</param>
    public IReadOnlyList<DataSplit> Split(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, Folds);
        return Deal(SampleOrder.All(count, shuffle: true, new EpochSeed(_seed, 0)));
    }

    /// <summary>Parts in which also the numbers of each class differ by one sample at most.</summary>
    /// <param name="labels">The class of each sample, of k samples at least.</param>
    public IReadOnlyList<DataSplit> Split(ReadOnlySpan<long> labels)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(labels.Length, Folds, nameof(labels));
        // Dealt like cards, class after class without a break.
        return Deal([.. DataSplit.Strata(labels, _seed).SelectMany(members => members)]);
    }

    private List<DataSplit> Deal(int[] order) =>
    [
        .. Enumerable.Range(0, Folds).Select(fold => new DataSplit(
            [.. order.Where((_, place) => place % Folds != fold).Order()],
            [.. order.Where((_, place) => place % Folds == fold).Order()])),
    ];
}
