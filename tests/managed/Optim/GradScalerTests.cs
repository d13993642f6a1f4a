// Loss scaling: the rules of torch.amp.GradScaler.

using TorchScratch.NN;
using TorchScratch.Optim;

namespace TorchScratch.Tests.Optim;

public class GradScalerTests
{
    // Recorded with PyTorch 2.6, for an initial scale of 8, a growth factor of 1.7, a backoff factor of 0.3 and a growth
    // interval of 3: whether the gradients of a step are finite, and the scale after it.
    private static readonly (bool IsFinite, double Scale)[] Recorded =
    [
        (true, 8), (true, 8), (true, 13.600000381469727),
        (true, 13.600000381469727), (false, 4.079999923706055), (true, 4.079999923706055),
        (true, 4.079999923706055), (false, 1.2239999771118164), (false, 0.36719998717308044),
        (true, 0.36719998717308044), (true, 0.36719998717308044), (true, 0.624239981174469),
        (true, 0.624239981174469), (true, 0.624239981174469), (true, 1.0612080097198486),
        (true, 1.0612080097198486), (false, 0.31836241483688354), (true, 0.31836241483688354),
        (true, 0.31836241483688354), (true, 0.5412161350250244),
    ];

    private static bool Step(GradScaler scaler, Optimizer optimizer, bool isFinite = true)
    {
        optimizer.ZeroGrad();
        var parameter = optimizer.ParameterGroups[0].Parameters[0];
        scaler.Scale((parameter * (isFinite ? 1 : double.PositiveInfinity)).Sum()).Backward();
        var isTaken = scaler.Step(optimizer);
        scaler.Update();
        return isTaken;
    }

    private static SGD Optimizer(double rate = 0.125) => new([new Parameter(Tensor.Ones(3))], rate);

    private static float First(Tensor? tensor) => tensor!.Detach().ToArray<float>()[0];

    [Fact]
    public void TheScalesAreThoseOfPyTorch()
    {
        using var optimizer = Optimizer();
        var scaler = new GradScaler(8, 1.7, 0.3, 3);
        var value = 1.0;
        foreach (var (isFinite, scale) in Recorded)
        {
            Assert.Equal(isFinite, Step(scaler, optimizer, isFinite));
            Assert.Equal(scale, scaler.GetScale());
            value -= isFinite ? 0.125 : 0;
            Assert.Equal(value, First(optimizer.ParameterGroups[0].Parameters[0]), 1e-6);
        }
    }

    [Fact]
    public void AScaleThatWouldBeInfiniteStays()
    {
        using var optimizer = Optimizer();
        var scaler = new GradScaler(1e38, growthInterval: 1);
        var scales = new[] { true, true, true, false, true }.Select(isFinite =>
        {
            Step(scaler, optimizer, isFinite);
            return scaler.GetScale();
        });
        const float Twice = 1e38f * 2;
        double[] expected = [Twice, Twice, Twice, 1e38f, Twice];
        Assert.Equal(expected, scales);
    }

    [Fact]
    public void UnscaleComesOnceAndBeforeTheStep()
    {
        using var optimizer = Optimizer();
        var parameter = optimizer.ParameterGroups[0].Parameters[0];
        var scaler = new GradScaler();
        Assert.Throws<InvalidOperationException>(() => scaler.Unscale(optimizer));
        Assert.Throws<InvalidOperationException>(() => scaler.Step(optimizer));
        Assert.Throws<InvalidOperationException>(() => scaler.Update());
        scaler.Scale(parameter.Sum()).Backward();
        Assert.Equal(65536, First(parameter.Grad));
        Assert.Throws<InvalidOperationException>(() => scaler.Update());
        scaler.Unscale(optimizer);
        Assert.Equal(1, First(parameter.Grad));
        Assert.Throws<InvalidOperationException>(() => scaler.Unscale(optimizer));
        GradientClipping.ByValue([parameter], 0.5);
        Assert.True(scaler.Step(optimizer));
        Assert.Equal(1 - 0.5f * 0.125f, First(parameter));
        Assert.Throws<InvalidOperationException>(() => scaler.Unscale(optimizer));
        Assert.Throws<InvalidOperationException>(() => scaler.Step(optimizer));
        scaler.Update();
        Assert.True(Step(scaler, optimizer));
    }

    [Fact]
    public void OneBadOptimizerOfTwoLowersTheScale()
    {
        using var good = Optimizer();
        using var bad = Optimizer();
        var scaler = new GradScaler(growthInterval: 1);
        scaler.Scale(good.ParameterGroups[0].Parameters[0].Sum() +
            (bad.ParameterGroups[0].Parameters[0] * double.NaN).Sum()).Backward();
        Assert.True(scaler.Step(good));
        Assert.False(scaler.Step(bad));
        scaler.Update();
        Assert.Equal(32768, scaler.GetScale());
        scaler.Update(newScale: 100);
        Assert.Equal(100, scaler.GetScale());
        Assert.Throws<ArgumentOutOfRangeException>(() => scaler.Update(newScale: 0));
    }

    [Fact]
    public void AStateContinuesExactly()
    {
        using var first = Optimizer();
        using var second = Optimizer();
        var scaler = new GradScaler(1024, growthInterval: 3);
        foreach (var isFinite in new[] { true, false, true, true })
            Step(scaler, first, isFinite);
        var resumed = new GradScaler();
        resumed.LoadStateDict(scaler.StateDict());
        foreach (var isFinite in new[] { true, true, false, true, true, true })
        {
            Step(scaler, first, isFinite);
            Step(resumed, second, isFinite);
            Assert.Equal(scaler.GetScale(), resumed.GetScale());
            Assert.Equal(scaler.GrowthTracker, resumed.GrowthTracker);
        }
        var damaged = new Dictionary<string, Tensor>(scaler.StateDict()) { ["scale"] = Tensor.FromScalar(-1.0) };
        Assert.Throws<StateDictException>(() => resumed.LoadStateDict(damaged));
        Assert.Throws<StateDictException>(() => resumed.LoadStateDict(new Dictionary<string, Tensor>()));
        Assert.Equal(scaler.GetScale(), resumed.GetScale());
        Assert.Equal(["scale", "growth_factor", "backoff_factor", "growth_interval", "_growth_tracker"],
            scaler.StateDict().Keys);
    }

    [Fact]
    public void ADisabledScalerDoesNothing()
    {
        using var optimizer = Optimizer();
        var scaler = new GradScaler(enabled: false);
        Assert.True(Step(scaler, optimizer));
        Assert.Equal(1, scaler.GetScale());
        Assert.Empty(scaler.StateDict());
        Assert.Equal(0.875f, First(optimizer.ParameterGroups[0].Parameters[0]));
        scaler.LoadStateDict(new Dictionary<string, Tensor>());
    }

    [Fact]
    public void GradientsInFloat16AreRefused()
    {
        using var optimizer = new SGD([new Parameter(Tensor.Ones(3).To(DType.Float16))], 0.1);
        var scaler = new GradScaler(initScale: 8);
        scaler.Scale(optimizer.ParameterGroups[0].Parameters[0].Sum()).Backward();
        Assert.Contains("float32", Assert.Throws<ValueException>(() => scaler.Step(optimizer)).Message);
    }

    [Theory]
    [InlineData(0, 2, 0.5, 1)]
    [InlineData(double.PositiveInfinity, 2, 0.5, 1)]
    [InlineData(1e39, 2, 0.5, 1)]
    [InlineData(1, 1, 0.5, 1)]
    [InlineData(1, double.NaN, 0.5, 1)]
    [InlineData(1, 2, 1, 1)]
    [InlineData(1, 2, 0, 1)]
    [InlineData(1, 2, 0.5, 0)]
    public void NumbersThatDoNotFitAreRefused(double scale, double growth, double backoff, int interval) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new GradScaler(scale, growth, backoff, interval));
}
