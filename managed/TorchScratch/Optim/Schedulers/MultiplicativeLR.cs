// Factors of the current rates, given by a function.

namespace TorchScratch.Optim;

/// <summary>Multiplies the learning rates by a function of the epoch, from epoch 1 on.</summary>
public sealed class MultiplicativeLR : LRScheduler
{
    private readonly Func<long, double>[] _factors;

    /// <summary>Sets the learning rates of epoch 0.</summary>
    /// <param name="optimizer">The optimizer whose learning rates to set.</param>
    /// <param name="factors">The factor as a function of the epoch: one for all groups, or one for each group.</param>
    /// <exception cref="ArgumentException">
    /// The number of functions is neither 1 nor the number of groups, or one is null.
    /// </exception>
    public MultiplicativeLR(Optimizer optimizer, params ReadOnlySpan<Func<long, double>> factors) : base(optimizer)
    {
        _factors = ForEachGroup(optimizer, factors);
        Start();
    }

    /// <inheritdoc/>
    protected override double NextRate(int group, double rate) =>
        Epoch == 0 ? rate : rate * _factors[group](Epoch);
}
