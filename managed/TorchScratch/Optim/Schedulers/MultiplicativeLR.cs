// Factors of the current rates, given by a function.

namespace TorchScratch.Optim;

/// <summary>Multiplies the learning rates by a function of the epoch, from epoch 1 on.</summary>
public sealed class MultiplicativeLR : LRScheduler
{
    private readonly Func<long, double>[] _factors;

    /// <summary>Sets the learning rates of epoch 0.</summary>
    /// <param name="optimizer">The optimizer whose learning rates to set.</param>
    /// <param name="factors">The factor as a function of the epoch: one for all groups, or one for each group.</param>
    /// <exception cref="ArgumentException">The number of functions is neither 1 nor the number of groups.</exception>
    public MultiplicativeLR(Optimizer optimizer, params ReadOnlySpan<Func<long, double>> factors) : base(optimizer)
    {
        var count = optimizer.ParameterGroups.Count;
        if (factors.Length != 1 && factors.Length != count)
            throw new ArgumentException(
                $"expected 1 function or {count}, one for each parameter group, got {factors.Length}", nameof(factors));
        _factors = factors.Length == count ? factors.ToArray() : [.. Enumerable.Repeat(factors[0], count)];
        Start();
    }

    /// <inheritdoc/>
    protected override double NextRate(int group, double rate) =>
        Epoch == 0 ? rate : rate * _factors[group](Epoch);
}
