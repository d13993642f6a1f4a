// Factors of the base rates, given by a function.

namespace TorchScratch.Optim;

/// <summary>Sets each learning rate to its base times a function of the epoch.</summary>
public sealed class LambdaLR : LRScheduler
{
    private readonly Func<long, double>[] _factors;

    /// <summary>Sets the learning rates of epoch 0.</summary>
    /// <param name="optimizer">The optimizer whose learning rates to set.</param>
    /// <param name="factors">The factor as a function of the epoch: one for all groups, or one for each group.</param>
    /// <exception cref="ArgumentException">
    /// The number of functions is neither 1 nor the number of groups, or one is null.
    /// </exception>
    public LambdaLR(Optimizer optimizer, params ReadOnlySpan<Func<long, double>> factors) : base(optimizer)
    {
        _factors = ForEachGroup(optimizer, factors);
        Start();
    }

    /// <inheritdoc/>
    protected override double NextRate(int group, double rate) =>
        BaseLearningRates[group] * _factors[group](Epoch);
}
