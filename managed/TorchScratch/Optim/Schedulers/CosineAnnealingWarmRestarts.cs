// Decay along a cosine, again and again: SGDR, Loshchilov and Hutter (2017).

namespace TorchScratch.Optim;

/// <summary>
/// Lowers the rates along half a cosine from their base to a minimum, then begins anew with a period that is
/// periodFactor times as long.
/// </summary>
public sealed class CosineAnnealingWarmRestarts : LRScheduler
{
    private readonly long _firstPeriod;
    private readonly long _periodFactor;
    private readonly double _minimum;
    private double _position = -1;
    private double _period;

    /// <summary>Sets the rates of epoch 0.</summary>
    /// <param name="optimizer">Whose rates to set.</param>
    /// <param name="firstPeriod">Epochs until the first restart; PyTorch's T_0.</param>
    /// <param name="periodFactor">Growth of the period at each restart; PyTorch's T_mult.</param>
    /// <param name="minimum">The smallest rate; PyTorch's eta_min.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public CosineAnnealingWarmRestarts(Optimizer optimizer, long firstPeriod, long periodFactor = 1, double minimum = 0)
        : base(optimizer)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(firstPeriod, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(periodFactor, 1);
        _firstPeriod = firstPeriod;
        _periodFactor = periodFactor;
        _minimum = minimum;
        _period = firstPeriod;
        Start();
    }

    /// <inheritdoc/>
    public override void Step()
    {
        _position++;
        if (_position >= _period)
        {
            _position -= _period;
            _period *= _periodFactor;
        }
        base.Step();
    }

    /// <summary>Goes to a point in time that need not be whole, such as epoch + batch / batches.</summary>
    /// <param name="epoch">Not negative.</param>
    public void Step(double epoch)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        MoveTo(epoch);
        SetRates(NextRate);
    }

    internal override void Restart()
    {
        MoveTo(0);
        base.Restart();
    }

    internal override void UndoStep()
    {
        base.UndoStep();
        _position--;
    }

    internal override void Visit(StateVisitor visitor)
    {
        base.Visit(visitor);
        visitor.Number("T_cur", () => _position, value => _position = value);
        visitor.Number("T_i", () => _period, value => _period = value);
    }

    private protected override double NextRate(int group, double rate) =>
        _minimum + (BaseLearningRates[group] - _minimum) * (1 + Math.Cos(Math.PI * _position / _period)) / 2;

    private void MoveTo(double epoch)
    {
        _position = epoch;
        _period = _firstPeriod;
        if (_periodFactor == 1)
            _position %= _period;
        while (_position >= _period)
        {
            _position -= _period;
            _period *= _periodFactor;
        }
        Epoch = (long)Math.Floor(epoch);
    }
}
