// Schedulers compared with closed forms, alone and combined, and their checkpoints.

using TorchScratch.NN;
using TorchScratch.Optim;

namespace TorchScratch.Tests.Optim;

public class SchedulerTests
{
    private const double Rate = 0.5;

    // Each scheduler with a closed form of its rate at an epoch.
    public static TheoryData<string, Func<Optimizer, LRScheduler>, Func<int, double>> ClosedForms => new()
    {
        { "step", o => new StepLR(o, 3, 0.5), e => Rate * Math.Pow(0.5, e / 3) },
        { "milestones", o => new MultiStepLR(o, [5, 2, 2], 0.5),
            e => Rate * Math.Pow(0.5, (e >= 2 ? 2 : 0) + (e >= 5 ? 1 : 0)) },
        { "exponential", o => new ExponentialLR(o, 0.8), e => Rate * Math.Pow(0.8, e) },
        { "constant", o => new ConstantLR(o, 0.25, 4), e => e < 4 ? Rate * 0.25 : Rate },
        { "linear", o => new LinearLR(o, 0.2, 0.8, 5), e => Rate * (0.2 + 0.6 * Math.Min(e, 5) / 5) },
        { "polynomial", o => new PolynomialLR(o, 8, 1.5), e => Rate * Math.Pow(1 - Math.Min(e, 8) / 8.0, 1.5) },
        { "cosine", o => new CosineAnnealingLR(o, 4, 0.1), e => 0.1 +
            (Rate - 0.1) * (1 + Math.Cos(Math.PI * e / 4)) / 2 },
        { "lambda", o => new LambdaLR(o, e => 1.0 / (e + 1)), e => Rate / (e + 1) },
        { "multiplicative", o => new MultiplicativeLR(o, e => e),
            e => e == 0 ? Rate : Rate * Enumerable.Range(1, e).Aggregate(1.0, (a, b) => a * b) },
        { "cyclic", o => new CyclicLR(o, 0.1, 0.5, 2, 4, CyclicMode.ExponentialRange, 0.9), e => 0.1 +
            0.4 * Math.Pow(0.9, e) * (e % 6 <= 2 ? e % 6 / 2.0 : (6 - e % 6) / 4.0) },
        { "restarts", o => new CosineAnnealingWarmRestarts(o, 2, 2),
            e => Rate * (1 + Math.Cos(Math.PI * (e < 2 ? e / 2.0 : e < 6 ? (e - 2) / 4.0 : (e - 6) / 8.0))) / 2 },
    };

    [Theory]
    [MemberData(nameof(ClosedForms))]
    public void RatesFollowTheClosedForm(string name, Func<Optimizer, LRScheduler> create, Func<int, double> expected)
    {
        using var optimizer = Optimizer();
        var scheduler = create(optimizer);
        for (var epoch = 0; epoch < 14; epoch++)
        {
            // The rates are products of about ten factors, each rounded.
            Assert.True(Math.Abs(expected(epoch) - optimizer.LearningRate) <= 1e-13 * Math.Max(1, expected(epoch)),
                $"{name}, epoch {epoch}: {optimizer.LearningRate}");
            Assert.Equal(epoch, scheduler.Epoch);
            Assert.Equal(optimizer.LearningRate, scheduler.LastLearningRates[0]);
            scheduler.Step();
        }
    }

    [Theory]
    [MemberData(nameof(ClosedForms))]
    public void ACheckpointContinuesTheSchedule(string name, Func<Optimizer, LRScheduler> create,
        Func<int, double> expected)
    {
        using var first = Optimizer();
        using var second = Optimizer();
        var (one, other) = (create(first), create(second));
        for (var epoch = 0; epoch < 5; epoch++)
            one.Step();
        second.LoadStateDict(first.StateDict());
        other.LoadStateDict(one.StateDict());
        for (var epoch = 5; epoch < 12; epoch++)
        {
            Assert.True(first.LearningRate == second.LearningRate, $"{name}, epoch {epoch}");
            one.Step();
            other.Step();
        }
        Assert.Equal(expected(12), second.LearningRate, 1e-13 * Math.Max(1, expected(12)));
    }

    [Fact]
    public void OneCycleGoesUpAndDownAndTheMomentumTheOtherWay()
    {
        using var optimizer = Optimizer();
        var scheduler = new OneCycleLR(optimizer, 1.0, 10, pctStart: 0.4, annealStrategy: AnnealStrategy.Linear,
            divFactor: 4, finalDivFactor: 2);
        var group = (SgdGroup)optimizer.ParameterGroups[0];
        double[] rates = [0.25, 0.5, 0.75, 1, 1 - 0.875 / 6, 1 - 0.875 / 3];
        foreach (var rate in rates)
        {
            Assert.Equal(rate, optimizer.LearningRate, 1e-12);
            scheduler.Step();
        }
        for (var step = 6; step < 9; step++)
            scheduler.Step();
        Assert.Equal(0.125, optimizer.LearningRate, 1e-12);
        Assert.Equal(0.95, group.Momentum, 1e-12);
        scheduler.Step();
        Assert.Equal(0.125, optimizer.LearningRate, 1e-12);
        Assert.Throws<InvalidOperationException>(scheduler.Step);
    }

    [Fact]
    public void CyclesChangeBeta1OfAdamToo()
    {
        using var parameter = new Parameter(Tensor.Zeros([1]));
        using var adam = new Adam([parameter]);
        _ = new OneCycleLR(adam, 0.1, 10);
        Assert.Equal(0.95, ((AdamGroup)adam.ParameterGroups[0]).Beta1);
        using var adagrad = new Adagrad([parameter]);
        Assert.Throws<ArgumentException>(() => new OneCycleLR(adagrad, 0.1, 10));
        _ = new CyclicLR(adagrad, 0.1, 1, cycleMomentum: false);
        Assert.Equal(0.1, adagrad.LearningRate);
    }

    [Fact]
    public void APlateauLowersTheRate()
    {
        using var optimizer = Optimizer();
        var scheduler = new ReduceLROnPlateau(optimizer, factor: 0.5, patience: 1, cooldown: 1, minLR: [0.1]);
        // Best, bad, bad (too many: lower), cooldown, bad, bad (lower), cooldown, bad, bad (not below the minimum).
        double[] expected = [Rate, Rate, Rate / 2, Rate / 2, Rate / 2, Rate / 4, Rate / 4, Rate / 4, 0.1];
        foreach (var rate in expected)
        {
            scheduler.Step(1.0);
            Assert.Equal(rate, optimizer.LearningRate);
        }
        Assert.Throws<InvalidOperationException>(scheduler.Step);
        using var upwards = Optimizer();
        var accuracy = new ReduceLROnPlateau(upwards, PlateauMode.Max, patience: 0, threshold: 0.1,
            thresholdMode: ThresholdMode.Absolute);
        accuracy.Step(0.5);
        accuracy.Step(0.65);
        Assert.Equal(Rate, upwards.LearningRate);
        accuracy.Step(0.7);
        Assert.Equal(Rate * 0.1, upwards.LearningRate, 1e-15);
    }

    [Fact]
    public void SchedulesRunOneAfterAnother()
    {
        using var optimizer = Optimizer();
        var scheduler = new SequentialLR(optimizer,
            [new LinearLR(optimizer, 0.5, 1, 2), new ExponentialLR(optimizer, 0.5)], [3]);
        double[] expected = [Rate / 2, Rate * 0.75, Rate, Rate, Rate / 2, Rate / 4];
        foreach (var rate in expected)
        {
            Assert.Equal(rate, optimizer.LearningRate, 1e-14);
            scheduler.Step();
        }
        using var warm = Optimizer();
        var schedule = SequentialLR.WithWarmup(warm, 4, o => new CosineAnnealingLR(o, 4), startFactor: 0.2);
        Assert.Equal(Rate * 0.2, warm.LearningRate, 1e-14);
        for (var step = 0; step < 4; step++)
            schedule.Step();
        Assert.Equal(Rate, warm.LearningRate, 1e-14);
        for (var step = 0; step < 4; step++)
            schedule.Step();
        Assert.Equal(0, warm.LearningRate, 1e-14);
    }

    [Fact]
    public void ChainedSchedulesMultiply()
    {
        using var optimizer = Optimizer();
        var scheduler = new ChainedScheduler(new ConstantLR(optimizer, 0.1, 2), new ExponentialLR(optimizer, 0.5));
        double[] expected = [0.1, 0.05, 0.25, 0.125];
        foreach (var share in expected)
        {
            Assert.Equal(Rate * share, optimizer.LearningRate, 1e-14);
            scheduler.Step();
        }
    }

    [Fact]
    public void InvalidArgumentsAreErrors()
    {
        using var optimizer = Optimizer();
        using var other = Optimizer();
        Assert.Throws<ArgumentOutOfRangeException>(() => new StepLR(optimizer, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new LinearLR(optimizer, startFactor: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ConstantLR(optimizer, factor: 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => new CosineAnnealingWarmRestarts(optimizer, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new OneCycleLR(optimizer, 1, 10, pctStart: 1.5));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ReduceLROnPlateau(optimizer, factor: 1));
        Assert.Throws<ArgumentException>(() => new CyclicLR(optimizer, [0.1, 0.1], [1, 1]));
        Assert.Throws<ArgumentException>(() => new LambdaLR(optimizer));
        Assert.Throws<ArgumentException>(() => new SequentialLR(optimizer, [new StepLR(optimizer, 1)], [3]));
        Assert.Throws<ArgumentException>(() =>
            new SequentialLR(optimizer, [new StepLR(optimizer, 1), new StepLR(other, 1)], [3]));
        Assert.Throws<ArgumentException>(() => new ChainedScheduler(new ReduceLROnPlateau(optimizer)));
        Assert.Throws<ArgumentException>(() => new ChainedScheduler());
        var scheduler = new StepLR(optimizer, 1);
        var state = new Dictionary<string, Tensor>(
            scheduler.StateDict()) { ["base_lrs"] = Tensor.FromArray([1.0, 2.0]) };
        state.Remove("last_epoch");
        var error = Assert.Throws<StateDictException>(() => scheduler.LoadStateDict(state));
        Assert.Equal(["last_epoch"], error.MissingKeys);
        Assert.Single(error.Mismatches);
    }

    // What a scheduler leaves in the optimizer is in its state: the rate and the rate before any scheduler.
    [Fact]
    public void AConstructorThatFailsLeavesNothingBehind()
    {
        using var adagrad = new Adagrad([new Parameter(Tensor.Zeros([1]))], Rate);
        Fails<ArgumentException>(adagrad, () => new CyclicLR(adagrad, 0.1, 0.5, cycleMomentum: true));
        Fails<ArgumentException>(adagrad, () => new OneCycleLR(adagrad, 0.5, 10, cycleMomentum: true));
        using var sgd = Optimizer();
        Fails<ArgumentOutOfRangeException>(sgd, () => new StepLR(sgd, 0));
        Fails<ArgumentException>(sgd, () => new CyclicLR(sgd, [0.1, 0.1], [1, 1]));
        Fails<ArgumentException>(sgd, () => new LambdaLR(sgd));
        Fails<InvalidTimeZoneException>(sgd, () => new LambdaLR(sgd, _ => throw new InvalidTimeZoneException()));
        Fails<ArgumentException>(sgd, () => new SequentialLR(sgd, [], []));
        Fails<InvalidTimeZoneException>(sgd, () =>
            SequentialLR.WithWarmup(sgd, 5, _ => throw new InvalidTimeZoneException()));

        static void Fails<T>(Optimizer optimizer, Func<object> create) where T : Exception
        {
            var before = optimizer.StateDict();
            Assert.Throws<T>(create);
            var after = optimizer.StateDict();
            Assert.Equal(before.Keys, after.Keys);
            Assert.All(before, entry => Assert.Equal(entry.Value.To(DType.Float64).ToArray<double>(),
                after[entry.Key].To(DType.Float64).ToArray<double>()));
        }
    }

    private static SGD Optimizer() => new([new Parameter(Tensor.Zeros([1]))], Rate, momentum: 0.9);
}
