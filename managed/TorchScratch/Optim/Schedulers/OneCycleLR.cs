// One cycle up and down: Smith and Topin, "Super-convergence" (2017).

namespace TorchScratch.Optim;

/// <summary>The curve along which the learning rates move.</summary>
public enum AnnealStrategy
{
    /// <summary>Half a cosine.</summary>
    Cosine,

    /// <summary>A straight line.</summary>
    Linear,
}

/// <summary>
/// Raises the learning rates from maxLR / divFactor to maxLR, then lowers them to maxLR / (divFactor finalDivFactor);
/// the momentum, or beta1 of Adam and its relatives, moves the other way. Call <see cref="Step"/> after each batch.
/// </summary>
public sealed class OneCycleLR : LRScheduler
{
    private readonly double[] _maxLR;
    private readonly long _totalSteps;
    private readonly Phase[] _phases;
    private readonly AnnealStrategy _annealStrategy;
    private readonly bool _cycleMomentum;

    /// <summary>Sets the learning rates of step 0.</summary>
    /// <param name="optimizer">The optimizer whose learning rates to set.</param>
    /// <param name="maxLR">The largest learning rate: one for all groups, or one for each group.</param>
    /// <param name="totalSteps">The number of steps of the cycle: epochs times batches per epoch.</param>
    /// <param name="pctStart">The fraction of the steps in which the rates rise, in [0, 1].</param>
    /// <param name="annealStrategy">The curve along which the rates move.</param>
    /// <param name="cycleMomentum">Whether to change the momentum too.</param>
    /// <param name="baseMomentum">Momentum at the largest learning rate.</param>
    /// <param name="maxMomentum">Momentum at the start and at the end.</param>
    /// <param name="divFactor">Largest learning rate divided by the first.</param>
    /// <param name="finalDivFactor">First learning rate divided by the last.</param>
    /// <param name="threePhase">
    /// Whether to return to the first rate in as many steps as the rise took, before falling to the last.
    /// </param>
    /// <exception cref="ArgumentException">
    /// An argument is out of its range, or cycleMomentum is true for an optimizer without momentum.
    /// </exception>
    public OneCycleLR(Optimizer optimizer, IReadOnlyList<double> maxLR, long totalSteps, double pctStart = 0.3,
        AnnealStrategy annealStrategy = AnnealStrategy.Cosine, bool cycleMomentum = true, double baseMomentum = 0.85,
        double maxMomentum = 0.95, double divFactor = 25, double finalDivFactor = 1e4, bool threePhase = false)
        : base(optimizer)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(totalSteps, 1);
        if (pctStart is not (>= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(pctStart), pctStart, "pctStart must be in [0, 1]");
        if (cycleMomentum)
            MomentumCycle.Check(optimizer);
        _maxLR = ForGroups(optimizer, maxLR, nameof(maxLR));
        _totalSteps = totalSteps;
        _annealStrategy = annealStrategy;
        _cycleMomentum = cycleMomentum;
        // As fractions of the largest rate.
        var (first, last) = (1 / divFactor, 1 / divFactor / finalDivFactor);
        var up = pctStart * totalSteps - 1;
        _phases = threePhase
            ?
            [
                new(up, first, 1, maxMomentum, baseMomentum),
                new(2 * pctStart * totalSteps - 2, 1, first, baseMomentum, maxMomentum),
                new(totalSteps - 1, first, last, maxMomentum, maxMomentum),
            ]
            : [new(up, first, 1, maxMomentum, baseMomentum),
                new(totalSteps - 1, 1, last, baseMomentum, maxMomentum)];
        SetBaseRates(_maxLR.Select(rate => rate * first));
        Start();
        var groups = optimizer.ParameterGroups;
        for (var g = 0; g < groups.Count; g++)
            groups[g].InitialLearningRate = BaseLearningRates[g];
    }

    /// <summary>Uses one maxLR for all groups.</summary>
    /// <inheritdoc cref="OneCycleLR(Optimizer, IReadOnlyList{double}, long, double, AnnealStrategy, bool, double,
    /// double, double, double, bool)"/>
    public OneCycleLR(Optimizer optimizer, double maxLR, long totalSteps, double pctStart = 0.3,
        AnnealStrategy annealStrategy = AnnealStrategy.Cosine, bool cycleMomentum = true, double baseMomentum = 0.85,
        double maxMomentum = 0.95, double divFactor = 25, double finalDivFactor = 1e4, bool threePhase = false)
        : this(optimizer, [maxLR], totalSteps, pctStart, annealStrategy, cycleMomentum, baseMomentum, maxMomentum,
            divFactor, finalDivFactor, threePhase)
    {
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">All steps of the cycle were taken.</exception>
    public override void Step()
    {
        if (Epoch >= _totalSteps)
            throw new InvalidOperationException(
                $"OneCycleLR: all {_totalSteps} steps were taken; pass a larger totalSteps to take more");
        base.Step();
        if (!_cycleMomentum)
            return;
        var (phase, at) = Now();
        foreach (var group in Optimizer.ParameterGroups)
            group.CycledMomentum = Anneal(phase.FirstMomentum, phase.LastMomentum, at);
    }

    /// <inheritdoc/>
    protected override double NextRate(int group, double rate)
    {
        var (phase, at) = Now();
        return Anneal(_maxLR[group] * phase.First, _maxLR[group] * phase.Last, at);
    }

    // The current phase and the fraction of it that has passed.
    private (Phase Phase, double At) Now()
    {
        var begin = 0.0;
        foreach (var phase in _phases.AsSpan(0, _phases.Length - 1))
        {
            if (Epoch <= phase.End)
                return (phase, (Epoch - begin) / (phase.End - begin));
            begin = phase.End;
        }
        // Clamped, because a loop of totalSteps calls Step once more at its end.
        return (_phases[^1], Math.Min(1, (Epoch - begin) / (_phases[^1].End - begin)));
    }

    private double Anneal(double first, double last, double at) => _annealStrategy == AnnealStrategy.Linear
        ? (last - first) * at + first
        : last + (first - last) / 2 * (Math.Cos(Math.PI * at) + 1);

    private readonly record struct Phase(double End, double First, double Last, double FirstMomentum,
        double LastMomentum);
}
