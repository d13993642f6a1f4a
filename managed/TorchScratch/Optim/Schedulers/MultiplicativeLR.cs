// Factors by a function.

namespace TorchScratch.Optim;

/// <summary>Multiplies the rates by a function of the epoch, from epoch 1 on.</summary>
public sealed class MultiplicativeLR : LRScheduler
{
    private readonly Func<long, double>[] _factors;

    /// <summary>Sets the rates of epoch 0.</summary>
    /// <param name="optimizer">Whose rates to set.</param>
    /// <param name="factors">The function: one for all groups, or one for each.</param>
    /// <exception cref="ArgumentException">There are neither one nor as many functions as groups.</exception>
    public MultiplicativeLR(Optimizer optimizer, params ReadOnlySpan<Func<long, double>> factors) : base(optimizer)
    {
        var count = optimizer.ParameterGroups.Count;
        if (factors.Length != 1 && factors.Length != count)
            throw new ArgumentException($"{factors.Length} functions for {count} groups", nameof(factors));
        _factors = factors.Length == count ? factors.ToArray() : [.. Enumerable.Repeat(factors[0], count)];
        Start();
    }

    private protected override double NextRate(int group, double rate) =>
        Epoch == 0 ? rate : rate * _factors[group](Epoch);
}
