// The mean of a loss over batches of any size.

namespace TorchScratch.Training;

/// <summary>
/// The mean of a loss, each batch counting by its samples. <see cref="Add(double, long)"/> takes a batch's mean loss
/// in; <see cref="Metric.Update"/> takes losses of single samples, and targets of the same number.
/// </summary>
public sealed class MeanLoss : Metric
{
    private double _sum;
    private long _count;

    /// <summary>A mean of nothing yet.</summary>
    /// <param name="name">Its name.</param>
    public MeanLoss(string name = "loss") : base(name)
    {
    }

    /// <inheritdoc/>
    public override double Value => _count == 0 ? double.NaN : _sum / _count;

    /// <summary>Samples taken in.</summary>
    public long Count => _count;

    /// <inheritdoc/>
    public override bool HigherIsBetter => false;

    /// <inheritdoc/>
    public override bool IsShare => false;

    /// <summary>Takes a batch in.</summary>
    /// <param name="loss">Its mean loss.</param>
    /// <param name="count">Its samples.</param>
    public void Add(double loss, long count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        (_sum, _count) = (_sum + loss * count, _count + count);
    }

    /// <inheritdoc/>
    public override void Reset() => (_sum, _count) = (0, 0);

    /// <inheritdoc/>
    public override double[] SaveSums() => [_sum, _count];

    /// <inheritdoc/>
    public override void RestoreSums(ReadOnlySpan<double> sums)
    {
        if (sums.Length != 2)
            throw SumsDoNotFit(2, sums.Length);
        (_sum, _count) = (sums[0], (long)sums[1]);
    }

    /// <inheritdoc/>
    protected override void Add(Tensor predictions, Tensor targets)
    {
        if (!predictions.Shape.SequenceEqual(targets.Shape))
        {
            throw new ShapeException($"{Name}: losses {ClassScores.Text(predictions)} for targets " +
                $"{ClassScores.Text(targets)}: one loss for each target");
        }
        _sum += predictions.To(DType.Float64).Sum().ToDouble();
        _count += targets.ElementCount;
    }
}
