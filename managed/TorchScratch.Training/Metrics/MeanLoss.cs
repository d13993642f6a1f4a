// The mean of a loss over batches of any size.

namespace TorchScratch.Training;

/// <summary>
/// The mean loss, with each batch weighted by its number of samples. <see cref="Add(double, long)"/> adds the mean loss
/// of a batch; <see cref="Metric.Update"/> adds the losses of single samples, with targets of the same shape.
/// </summary>
public sealed class MeanLoss : Metric
{
    private double _sum;
    private long _count;

    /// <summary>Creates a mean over no samples.</summary>
    /// <param name="name">Its name.</param>
    public MeanLoss(string name = "loss") : base(name)
    {
    }

    /// <inheritdoc/>
    public override double Value => _count == 0 ? double.NaN : _sum / _count;

    /// <summary>Number of samples.</summary>
    public long Count => _count;

    /// <inheritdoc/>
    public override bool HigherIsBetter => false;

    /// <inheritdoc/>
    public override bool IsFraction => false;

    /// <summary>Adds a batch.</summary>
    /// <param name="loss">The mean loss of the batch.</param>
    /// <param name="count">The number of samples in the batch, 0 or more.</param>
    public void Add(double loss, long count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        (_sum, _count) = (_sum + loss * count, _count + count);
    }

    /// <inheritdoc/>
    public override void Reset() => (_sum, _count) = (0, 0);

    /// <inheritdoc/>
    public override double[] SaveState() => [_sum, _count];

    /// <inheritdoc/>
    public override void RestoreState(ReadOnlySpan<double> sums)
    {
        if (sums.Length != 2)
            throw StateDoesNotFit(2, sums.Length);
        (_sum, _count) = (sums[0], CountIn(sums[1]));
    }

    /// <inheritdoc/>
    protected override void Add(Tensor predictions, Tensor targets)
    {
        if (!predictions.Shape.SequenceEqual(targets.Shape))
        {
            throw new ShapeException($"{Name}: needs one loss for each target, got losses " +
                $"{ClassScores.Text(predictions)} for targets {ClassScores.Text(targets)}");
        }
        _sum += predictions.To(DType.Float64).Sum().ToDouble();
        _count += targets.ElementCount;
    }
}
