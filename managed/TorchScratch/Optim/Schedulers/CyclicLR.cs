// Rates that go up and down: Smith, "Cyclical learning rates" (2017).

namespace TorchScratch.Optim;

/// <summary>What becomes of the height of a cycle.</summary>
public enum CyclicMode
{
    /// <summary>All cycles are as high.</summary>
    Triangular,

    /// <summary>Each cycle is half as high as the one before.</summary>
    Triangular2,

    /// <summary>The height falls as gamma^step.</summary>
    ExponentialRange,
}

/// <summary>
/// Moves the rates between a base and a maximum on straight lines; the momentum, or Adam's beta1, moves the other way.
/// A step belongs to a batch.
/// </summary>
public sealed class CyclicLR : LRScheduler
{
    private readonly double[] _base;
    private readonly double[] _maximum;
    private readonly double _length;
    private readonly double _share;
    private readonly Func<double, double> _heightOf;
    private readonly bool _perStep;
    private readonly bool _cycleMomentum;
    private readonly double _baseMomentum;
    private readonly double _maximumMomentum;

    /// <summary>Sets the rates of step 0, which are the base.</summary>
    /// <param name="optimizer">Whose rates to set.</param>
    /// <param name="baseRate">The smallest rate: one for all groups, or one for each.</param>
    /// <param name="maximum">The largest rate, likewise.</param>
    /// <param name="stepSizeUp">Steps from the base to the maximum.</param>
    /// <param name="stepSizeDown">Steps down again; as many as up if not given.</param>
    /// <param name="mode">What becomes of the height.</param>
    /// <param name="gamma">For <see cref="CyclicMode.ExponentialRange"/>.</param>
    /// <param name="scale">Takes the place of the mode: the height of cycle 1, 2, ..., or of a step.</param>
    /// <param name="scaleBySteps">Whether scale takes the step instead of the cycle.</param>
    /// <param name="cycleMomentum">Whether to move the momentum too.</param>
    /// <param name="baseMomentum">Momentum at the largest rate.</param>
    /// <param name="maximumMomentum">Momentum at the smallest rate.</param>
    /// <exception cref="ArgumentException">An option is out of its range, or there is no momentum to cycle.</exception>
    public CyclicLR(Optimizer optimizer, IReadOnlyList<double> baseRate, IReadOnlyList<double> maximum,
        long stepSizeUp = 2000, long? stepSizeDown = null, CyclicMode mode = CyclicMode.Triangular, double gamma = 1,
        Func<double, double>? scale = null, bool scaleBySteps = false, bool cycleMomentum = true,
        double baseMomentum = 0.8,
        double maximumMomentum = 0.9) : base(optimizer)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(stepSizeUp, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(stepSizeDown ?? 1, 1, nameof(stepSizeDown));
        if (cycleMomentum)
            MomentumCycle.Check(optimizer);
        _base = ForGroups(optimizer, baseRate, nameof(baseRate));
        _maximum = ForGroups(optimizer, maximum, nameof(maximum));
        _length = stepSizeUp + (stepSizeDown ?? stepSizeUp);
        _share = stepSizeUp / _length;
        _heightOf = scale ?? (mode switch
        {
            CyclicMode.Triangular => _ => 1,
            CyclicMode.Triangular2 => cycle => Math.Pow(0.5, cycle - 1),
            _ => step => Math.Pow(gamma, step),
        });
        _perStep = scale is null ? mode == CyclicMode.ExponentialRange : scaleBySteps;
        _cycleMomentum = cycleMomentum;
        _baseMomentum = baseMomentum;
        _maximumMomentum = maximumMomentum;
        SetBaseRates(_base);
        Start();
    }

    /// <summary>The same with one base and one maximum.</summary>
    /// <inheritdoc cref="CyclicLR(Optimizer, IReadOnlyList{double}, IReadOnlyList{double}, long, long?, CyclicMode,
    /// double, Func{double, double}?, bool, bool, double, double)"/>
    public CyclicLR(Optimizer optimizer, double baseRate, double maximum, long stepSizeUp = 2000,
        long? stepSizeDown = null, CyclicMode mode = CyclicMode.Triangular, double gamma = 1,
        Func<double, double>? scale = null, bool scaleBySteps = false, bool cycleMomentum = true,
        double baseMomentum = 0.8,
        double maximumMomentum = 0.9)
        : this(optimizer, [baseRate], [maximum], stepSizeUp, stepSizeDown, mode, gamma, scale, scaleBySteps,
            cycleMomentum,
            baseMomentum, maximumMomentum)
    {
    }

    /// <inheritdoc/>
    public override void Step()
    {
        base.Step();
        if (!_cycleMomentum)
            return;
        var momentum = _maximumMomentum - (_maximumMomentum - _baseMomentum) * Height();
        foreach (var group in Optimizer.ParameterGroups)
            group.CycledMomentum = momentum;
    }

    private protected override double NextRate(int group, double rate) =>
        _base[group] + (_maximum[group] - _base[group]) * Height();

    private double Height()
    {
        var cycle = Math.Floor(1 + Epoch / _length);
        var at = 1 + Epoch / _length - cycle;
        var slope = at <= _share ? at / _share : (at - 1) / (_share - 1);
        return slope * _heightOf(_perStep ? Epoch : cycle);
    }
}
