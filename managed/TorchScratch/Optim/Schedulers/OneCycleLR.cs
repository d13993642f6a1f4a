// One cycle up and down: Smith and Topin, "Super-convergence" (2017).

namespace TorchScratch.Optim;

/// <summary>The curve between two values.</summary>
public enum AnnealStrategy
{
    /// <summary>Half a cosine.</summary>
    Cosine,

    /// <summary>A straight line.</summary>
    Linear,
}

/// <summary>
/// Raises the rates from maximum / divFactor to the maximum, then lowers them to maximum / (divFactor finalDivFactor);
/// the momentum, or Adam's beta1, moves the other way. A step belongs to a batch.
/// </summary>
public sealed class OneCycleLR : LRScheduler
{
    private readonly double[] _maximum;
    private readonly long _totalSteps;
    private readonly Phase[] _phases;
    private readonly AnnealStrategy _strategy;
    private readonly bool _cycleMomentum;

    /// <summary>Sets the rates of step 0.</summary>
    /// <param name="optimizer">Whose rates to set.</param>
    /// <param name="maximum">The largest rate: one for all groups, or one for each.</param>
    /// <param name="totalSteps">Steps of the cycle: epochs times batches.</param>
    /// <param name="percentStart">Share of the steps that go up, in [0, 1].</param>
    /// <param name="strategy">The curve.</param>
    /// <param name="cycleMomentum">Whether to move the momentum too.</param>
    /// <param name="baseMomentum">Momentum at the largest rate.</param>
    /// <param name="maximumMomentum">Momentum at the ends.</param>
    /// <param name="divFactor">Largest rate over the first.</param>
    /// <param name="finalDivFactor">First rate over the last.</param>
    /// <param name="threePhase">Whether to go down to the first rate as fast as up, and only then to the last.</param>
    /// <exception cref="ArgumentException">An option is out of its range, or there is no momentum to cycle.</exception>
    public OneCycleLR(Optimizer optimizer, IReadOnlyList<double> maximum, long totalSteps, double percentStart = 0.3,
        AnnealStrategy strategy = AnnealStrategy.Cosine, bool cycleMomentum = true, double baseMomentum = 0.85,
        double maximumMomentum = 0.95, double divFactor = 25, double finalDivFactor = 1e4, bool threePhase = false)
        : base(optimizer)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(totalSteps, 1);
        if (percentStart is not (>= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(percentStart), percentStart, "a share lies in [0, 1]");
        if (cycleMomentum)
            MomentumCycle.Check(optimizer);
        _maximum = ForGroups(optimizer, maximum, nameof(maximum));
        _totalSteps = totalSteps;
        _strategy = strategy;
        _cycleMomentum = cycleMomentum;
        // Of the largest rate.
        var (first, last) = (1 / divFactor, 1 / divFactor / finalDivFactor);
        var up = percentStart * totalSteps - 1;
        _phases = threePhase
            ?
            [
                new(up, first, 1, maximumMomentum, baseMomentum),
                new(2 * percentStart * totalSteps - 2, 1, first, baseMomentum, maximumMomentum),
                new(totalSteps - 1, first, last, maximumMomentum, maximumMomentum),
            ]
            : [new(up, first, 1, maximumMomentum, baseMomentum),
                new(totalSteps - 1, 1, last, baseMomentum, maximumMomentum)];
        SetBaseRates(_maximum.Select(rate => rate * first));
        var groups = optimizer.ParameterGroups;
        for (var g = 0; g < groups.Count; g++)
            groups[g].InitialLearningRate = BaseLearningRates[g];
        Start();
    }

    /// <summary>The same with one largest rate.</summary>
    /// <inheritdoc cref="OneCycleLR(Optimizer, IReadOnlyList{double}, long, double, AnnealStrategy, bool, double,
    /// double, double, double, bool)"/>
    public OneCycleLR(Optimizer optimizer, double maximum, long totalSteps, double percentStart = 0.3,
        AnnealStrategy strategy = AnnealStrategy.Cosine, bool cycleMomentum = true, double baseMomentum = 0.85,
        double maximumMomentum = 0.95, double divFactor = 25, double finalDivFactor = 1e4, bool threePhase = false)
        : this(optimizer, [maximum], totalSteps, percentStart, strategy, cycleMomentum, baseMomentum, maximumMomentum,
            divFactor, finalDivFactor, threePhase)
    {
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The cycle is over.</exception>
    public override void Step()
    {
        if (Epoch >= _totalSteps)
            throw new InvalidOperationException(
                $"OneCycleLR: all of its {_totalSteps} steps were taken; pass a larger totalSteps");
        base.Step();
        if (!_cycleMomentum)
            return;
        var (phase, at) = Now();
        foreach (var group in Optimizer.ParameterGroups)
            group.CycledMomentum = Anneal(phase.FirstMomentum, phase.LastMomentum, at);
    }

    private protected override double NextRate(int group, double rate)
    {
        var (phase, at) = Now();
        return Anneal(_maximum[group] * phase.First, _maximum[group] * phase.Last, at);
    }

    // The phase and how far into it, from 0 to 1.
    private (Phase Phase, double At) Now()
    {
        var begin = 0.0;
        foreach (var phase in _phases.AsSpan(0, _phases.Length - 1))
        {
            if (Epoch <= phase.End)
                return (phase, (Epoch - begin) / (phase.End - begin));
            begin = phase.End;
        }
        // The step after the last one, which a loop of totalSteps ends with, changes nothing.
        return (_phases[^1], Math.Min(1, (Epoch - begin) / (_phases[^1].End - begin)));
    }

    private double Anneal(double first, double last, double at) => _strategy == AnnealStrategy.Linear
        ? (last - first) * at + first
        : last + (first - last) / 2 * (Math.Cos(Math.PI * at) + 1);

    private readonly record struct Phase(double End, double First, double Last, double FirstMomentum,
        double LastMomentum);
}
