// Learning rates that rise and fall in cycles: Smith, "Cyclical learning rates for training neural networks" (2017).

namespace TorchScratch.Optim;

/// <summary>How the amplitude of the cycles changes.</summary>
public enum CyclicMode
{
    /// <summary>Every cycle has the same amplitude.</summary>
    Triangular,

    /// <summary>The amplitude is halved after each cycle.</summary>
    Triangular2,

    /// <summary>The amplitude is multiplied by gamma at each step.</summary>
    ExponentialRange,
}

/// <summary>
/// Moves the learning rates linearly from baseLR to maxLR and back; the momentum, or beta1 of Adam and its relatives,
/// moves the other way. Call <see cref="Step"/> after each batch.
/// </summary>
public sealed class CyclicLR : LRScheduler
{
    private readonly double[] _baseLR;
    private readonly double[] _maxLR;
    private readonly double _length;
    private readonly double _upFraction;
    private readonly Func<double, double> _amplitudeOf;
    private readonly bool _perStep;
    private readonly bool _cycleMomentum;
    private readonly double _baseMomentum;
    private readonly double _maxMomentum;

    /// <summary>Sets the learning rates of step 0 to baseLR.</summary>
    /// <param name="optimizer">The optimizer whose learning rates to set.</param>
    /// <param name="baseLR">The smallest learning rate: one for all groups, or one for each group.</param>
    /// <param name="maxLR">The largest learning rate: one for all groups, or one for each group.</param>
    /// <param name="stepSizeUp">The number of steps from baseLR to maxLR.</param>
    /// <param name="stepSizeDown">The number of steps back to baseLR; stepSizeUp if not given.</param>
    /// <param name="mode">How the amplitude of the cycles changes.</param>
    /// <param name="gamma">
    /// The factor of the amplitude at each step, for <see cref="CyclicMode.ExponentialRange"/>.
    /// </param>
    /// <param name="scaleFn">
    /// The amplitude as a function of the cycle (1, 2, ...) or of the step; replaces mode and gamma.
    /// </param>
    /// <param name="scaleBySteps">Whether scaleFn is called with the step instead of the cycle.</param>
    /// <param name="cycleMomentum">Whether to change the momentum too.</param>
    /// <param name="baseMomentum">Momentum at the largest learning rate.</param>
    /// <param name="maxMomentum">Momentum at the smallest learning rate.</param>
    /// <exception cref="ArgumentException">
    /// An argument is out of its range, or cycleMomentum is true for an optimizer without momentum.
    /// </exception>
    public CyclicLR(Optimizer optimizer, IReadOnlyList<double> baseLR, IReadOnlyList<double> maxLR,
        long stepSizeUp = 2000, long? stepSizeDown = null, CyclicMode mode = CyclicMode.Triangular, double gamma = 1,
        Func<double, double>? scaleFn = null, bool scaleBySteps = false, bool cycleMomentum = true,
        double baseMomentum = 0.8, double maxMomentum = 0.9) : base(optimizer)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(stepSizeUp, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(stepSizeDown ?? 1, 1, nameof(stepSizeDown));
        if (cycleMomentum)
            MomentumCycle.Check(optimizer);
        _baseLR = ForGroups(optimizer, baseLR, nameof(baseLR));
        _maxLR = ForGroups(optimizer, maxLR, nameof(maxLR));
        _length = stepSizeUp + (stepSizeDown ?? stepSizeUp);
        _upFraction = stepSizeUp / _length;
        _amplitudeOf = scaleFn ?? (mode switch
        {
            CyclicMode.Triangular => _ => 1,
            CyclicMode.Triangular2 => cycle => Math.Pow(0.5, cycle - 1),
            _ => step => Math.Pow(gamma, step),
        });
        _perStep = scaleFn is null ? mode == CyclicMode.ExponentialRange : scaleBySteps;
        _cycleMomentum = cycleMomentum;
        _baseMomentum = baseMomentum;
        _maxMomentum = maxMomentum;
        SetBaseRates(_baseLR);
        Start();
    }

    /// <summary>Uses one baseLR and one maxLR for all groups.</summary>
    /// <inheritdoc cref="CyclicLR(Optimizer, IReadOnlyList{double}, IReadOnlyList{double}, long, long?, CyclicMode,
    /// double, Func{double, double}?, bool, bool, double, double)"/>
    public CyclicLR(Optimizer optimizer, double baseLR, double maxLR, long stepSizeUp = 2000, long? stepSizeDown = null,
        CyclicMode mode = CyclicMode.Triangular, double gamma = 1, Func<double, double>? scaleFn = null,
        bool scaleBySteps = false, bool cycleMomentum = true, double baseMomentum = 0.8, double maxMomentum = 0.9)
        : this(optimizer, [baseLR], [maxLR], stepSizeUp, stepSizeDown, mode, gamma, scaleFn, scaleBySteps,
            cycleMomentum, baseMomentum, maxMomentum)
    {
    }

    /// <inheritdoc/>
    public override void Step()
    {
        base.Step();
        if (!_cycleMomentum)
            return;
        var momentum = _maxMomentum - (_maxMomentum - _baseMomentum) * Fraction();
        foreach (var group in Optimizer.ParameterGroups)
            group.CycledMomentum = momentum;
    }

    /// <inheritdoc/>
    protected override double NextRate(int group, double rate) =>
        _baseLR[group] + (_maxLR[group] - _baseLR[group]) * Fraction();

    // How far the rates are from baseLR to maxLR: 0 to 1 times the amplitude.
    private double Fraction()
    {
        var cycle = Math.Floor(1 + Epoch / _length);
        var position = 1 + Epoch / _length - cycle;
        var triangle = position <= _upFraction ? position / _upFraction : (position - 1) / (_upFraction - 1);
        return triangle * _amplitudeOf(_perStep ? Epoch : cycle);
    }
}
