// Factors of the base rates, given by a function.

namespace TorchScratch.Optim;

/// <summary>Sets each learning rate to its base times a function of the epoch.</summary>
public sealed class LambdaLR : LRScheduler
{
    private readonly Func<long, double>[] _factors;

    /// <summary>Sets the learning rates of epoch 0.</summary>
    /// <param name="optimizer">The optimizer whose learning rates to set.</param>
    /// <param name="factors">The factor as a function of the epoch: one for all groups, or one for each group.</param>
    /// <exception cref="ArgumentException">The number of functions is neither 1 nor the number of groups.</exception>
    public LambdaLR(Optimizer optimizer, params ReadOnlySpan<Func<long, double>> factors) : base(optimizer)
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
        BaseLearningRates[group] * _factors[group](Epoch);
}
