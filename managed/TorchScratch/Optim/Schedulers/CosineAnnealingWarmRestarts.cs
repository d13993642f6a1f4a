// Decay along a cosine with restarts: SGDR, Loshchilov and Hutter (2017).

namespace TorchScratch.Optim;

/// <summary>
/// Lowers the learning rates along half a cosine from their base to etaMin, then restarts from the base with a period
/// tMult times as long.
/// </summary>
public sealed class CosineAnnealingWarmRestarts : LRScheduler
{
    private readonly long _t0;
    private readonly long _tMult;
    private readonly double _etaMin;
    private double _position = -1;
    private double _period;

    /// <summary>Sets the learning rates of epoch 0.</summary>
    /// <param name="optimizer">The optimizer whose learning rates to set.</param>
    /// <param name="t0">The number of epochs until the first restart.</param>
    /// <param name="tMult">The factor by which the period grows at each restart.</param>
    /// <param name="etaMin">The smallest learning rate.</param>
    /// <exception cref="ArgumentException">An argument is out of its range.</exception>
    public CosineAnnealingWarmRestarts(Optimizer optimizer, long t0, long tMult = 1, double etaMin = 0)
        : base(optimizer)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(t0, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(tMult, 1);
        _t0 = t0;
        _tMult = tMult;
        _etaMin = etaMin;
        _period = t0;
        Start();
    }

    /// <inheritdoc/>
    public override void Step()
    {
        _position++;
        if (_position >= _period)
        {
            _position -= _period;
            _period *= _tMult;
        }
        base.Step();
    }

    /// <summary>Sets the rates of a point between two epochs, such as epoch + batch / (batches per epoch).</summary>
    /// <param name="epoch">The epoch, which need not be whole; at least 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The epoch is negative.</exception>
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

    /// <inheritdoc/>
    protected override void Visit(StateVisitor visitor)
    {
        base.Visit(visitor);
        visitor.Number("T_cur", () => _position, value => _position = value, visitor.FirstEpoch);
        visitor.Count("T_i", () => (long)_period, value => _period = value, min: 1);
    }

    /// <inheritdoc/>
    protected override double NextRate(int group, double rate) =>
        _etaMin + (BaseLearningRates[group] - _etaMin) * (1 + Math.Cos(Math.PI * _position / _period)) / 2;

    private void MoveTo(double epoch)
    {
        _position = epoch;
        _period = _t0;
        if (_tMult == 1)
            _position %= _period;
        while (_position >= _period)
        {
            _position -= _period;
            _period *= _tMult;
        }
        Epoch = (long)Math.Floor(epoch);
    }
}
