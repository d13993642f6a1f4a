// Steps of the optimizers compared with their formulas, and what all optimizers have in common.

using TorchScratch.NN;
using TorchScratch.Optim;

namespace TorchScratch.Tests.Optim;

public class OptimizerTests
{
    private const int Count = 37;
    private const int Steps = 25;

    public static TheoryData<ReferenceOptions> SgdOptions =>
    [
        new(),
        new() { WeightDecay = 0.1 },
        new() { Momentum = 0.9 },
        new() { Momentum = 0.9, Dampening = 0.3, WeightDecay = 0.01 },
        new() { Momentum = 0.8, Nesterov = true, WeightDecay = 0.01 },
        new() { Momentum = 0.9, Maximize = true, WeightDecay = 0.05 },
    ];

    public static TheoryData<ReferenceOptions> AdamOptions =>
    [
        new() { LearningRate = 1e-3 },
        new() { LearningRate = 0.01, WeightDecay = 0.1 },
        new() { LearningRate = 0.01, Beta1 = 0.5, Beta2 = 0.9, Epsilon = 1e-3 },
        new() { LearningRate = 0.01, AmsGrad = true },
        new() { LearningRate = 0.01, Maximize = true, WeightDecay = 0.1 },
        new() { LearningRate = 0.01, WeightDecay = 0.1, IsDecoupled = true },
        new() { LearningRate = 0.01, WeightDecay = 0.1, IsDecoupled = true, AmsGrad = true, Maximize = true },
    ];

    [Theory]
    [MemberData(nameof(SgdOptions))]
    public void SgdFollowsItsFormula(ReferenceOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var reference = new ReferenceSgd(options);
        Compare(parameters => CreateSgd(parameters, options), reference.Step);
    }

    [Theory]
    [MemberData(nameof(AdamOptions))]
    public void AdamFollowsItsFormula(ReferenceOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var reference = new ReferenceAdam(options, Count);
        Compare(parameters => CreateAdam(parameters, options), reference.Step);
    }

    [Fact]
    public void ParametersWithoutAGradientAreSkipped()
    {
        var options = new ReferenceOptions { LearningRate = 0.01 };
        double[] always = [1, 2];
        double[] seldom = [3, 4];
        var (first, second) = (new ReferenceAdam(options, 2), new ReferenceAdam(options, 2));
        using var a = new Parameter(Tensor.FromArray(always));
        using var b = new Parameter(Tensor.FromArray(seldom));
        using var optimizer = new Adam([a, b], options.LearningRate);
        for (var step = 0; step < 9; step++)
        {
            double[] gradient = [step + 1, -1];
            a.Grad = Tensor.FromArray(gradient);
            first.Step(always, gradient);
            b.Grad = null;
            if (step % 3 == 1)
            {
                b.Grad = Tensor.FromArray(gradient);
                second.Step(seldom, gradient);
            }
            optimizer.Step();
        }
        AssertClose(always, a.Value.ToArray<double>());
        AssertClose(seldom, b.Value.ToArray<double>());
    }

    [Fact]
    public void GroupsHaveSeparateOptions()
    {
        using var a = new Parameter(Tensor.FromArray([1.0]));
        using var b = new Parameter(Tensor.FromArray([1.0]));
        using var optimizer = new SGD(new SgdGroup([a]) { LearningRate = 0.5 },
            new SgdGroup([b]) { LearningRate = 0.25 });
        a.Grad = Tensor.FromArray([1.0]);
        b.Grad = Tensor.FromArray([1.0]);
        optimizer.Step();
        Assert.Equal([0.5], a.Value.ToArray<double>());
        Assert.Equal([0.75], b.Value.ToArray<double>());
        optimizer.LearningRate = 0.1;
        Assert.All(optimizer.ParameterGroups, group => Assert.Equal(0.1, group.LearningRate));
        optimizer.ZeroGrad();
        Assert.Null(a.Grad);
    }

    [Fact]
    public void StateCreatedInAScopeOutlivesIt()
    {
        using var parameter = new Parameter(Tensor.FromArray([1.0]));
        using var adam = new Adam([parameter], amsGrad: true);
        using var sgd = new SGD([parameter], momentum: 0.9);
        for (var step = 0; step < 3; step++)
        {
            using var scope = Tensor.Scope();
            parameter.Grad = Tensor.FromArray([1.0]);
            adam.Step();
            sgd.Step();
        }
        Assert.All(adam.StateDict().Concat(sgd.StateDict()), entry => Assert.False(entry.Value.IsDisposed));
    }

    [Fact]
    public void AFailedStepChangesNothing()
    {
        using var a = new Parameter(Tensor.FromArray([1.0]));
        using var b = new Parameter(Tensor.Zeros([1 << 20], DType.Float16));
        using var optimizer = new NAdam([a, b]);
        a.Grad = Tensor.FromArray([1.0]);
        b.Grad = Tensor.Zeros([1 << 20], DType.Float16);
        // There is no room for what the step is to remember of the second parameter.
        Garbage.Collect();
        Runtime.MemoryLimit = Runtime.AllocatorStatistics.LiveBytes + (8 << 20);
        try
        {
            Assert.Throws<TensorMemoryException>(optimizer.Step);
        }
        finally
        {
            Runtime.MemoryLimit = null;
        }
        Assert.Equal([1.0], a.Value.ToArray<double>());
        Assert.DoesNotContain("state.0.step", optimizer.StateDict().Keys);
    }

    [Fact]
    public void TheFirstAdagradStepDividesByTheInitialSumToo()
    {
        using var p = new Parameter(Tensor.FromArray([1.0]));
        using var optimizer = new Adagrad([p], learningRate: 0.5, initialAccumulatorValue: 3, epsilon: 0);
        p.Grad = Tensor.FromArray([1.0]);
        optimizer.Step();
        Assert.Equal([1 - 0.5 / 2], p.Value.ToArray<double>());
    }

    [Fact]
    public void ADisposedParameterIsAClearError()
    {
        var parameter = new Parameter(Tensor.FromArray([1.0]));
        using var other = new Parameter(Tensor.FromArray([1.0]));
        using var optimizer = new Adam([other, parameter]);
        other.Grad = Tensor.FromArray([1.0]);
        parameter.Dispose();
        var error = Assert.Throws<ObjectDisposedException>(optimizer.Step);
        Assert.Contains("Adam.Step: parameter 1", error.Message, StringComparison.Ordinal);
        Assert.Equal([1.0], other.Value.ToArray<double>());
        // The failed step released the parameters it had already leased.
        other.Dispose();
        Assert.True(other.IsDisposed);
    }

    [Fact]
    public void OptionsAreChecked()
    {
        using var p = new Parameter(Tensor.FromArray([1.0]));
        Assert.Throws<ArgumentException>(() => new SGD(Array.Empty<Parameter>()));
        Assert.Throws<ArgumentException>(() => new SGD([p, p]));
        Assert.Throws<ArgumentException>(() => new SGD(new SgdGroup([p]), new SgdGroup([p])));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SGD([p], learningRate: -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SGD([p], learningRate: double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SGD([p], momentum: -0.1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SGD([p], weightDecay: -0.1));
        Assert.Throws<ArgumentException>(() => new SGD([p], nesterov: true));
        Assert.StartsWith("SGD: Nesterov", Assert.Throws<ArgumentException>(() =>
            new SGD(new SgdGroup([p]) { Nesterov = true })).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new SGD([p], momentum: 0.9, dampening: 0.1, nesterov: true));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Adam([p], beta1: 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Adam([p], beta2: -0.1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Adam([p], epsilon: -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new AdamW([p], weightDecay: -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Adagrad([p], learningRateDecay: -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Adagrad([p], initialAccumulatorValue: -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RMSprop([p], alpha: 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RMSprop([p], momentum: -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Adadelta([p], rho: 1.5));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Adamax([p], beta2: 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new NAdam([p], momentumDecay: -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RAdam([p], beta1: double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Lion([p], learningRate: -1));
    }

    [Fact]
    public void AStepAllocatesNothingManaged()
    {
        using var parameter = new Parameter(Tensor.FromArray([1f, 2f]));
        parameter.Grad = Tensor.FromArray([1f, 1f]);
        using var adam = new Adam([parameter]);
        using var sgd = new SGD([parameter], momentum: 0.9);
        adam.Step();
        sgd.Step();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            adam.Step();
            sgd.Step();
        }
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    internal static Optimizer CreateSgd(IEnumerable<Parameter> parameters, ReferenceOptions options) =>
        new SGD(parameters,
        options.LearningRate, options.Momentum, options.Dampening, options.WeightDecay, options.Nesterov,
        options.Maximize);

    internal static Optimizer CreateAdam(IEnumerable<Parameter> parameters, ReferenceOptions options) =>
        options.IsDecoupled
        ? new AdamW(parameters, options.LearningRate, options.Beta1, options.Beta2, options.Epsilon,
            options.WeightDecay, options.AmsGrad, options.Maximize)
        : new Adam(parameters, options.LearningRate, options.Beta1, options.Beta2, options.Epsilon, options.WeightDecay,
            options.AmsGrad, options.Maximize);

    private static void Compare(Func<IEnumerable<Parameter>, Optimizer> create, Action<double[], double[]> reference)
    {
        var random = new Random(1);
        var expected = Enumerable.Range(0, Count).Select(_ => random.NextDouble() - 0.5).ToArray();
        using var exact = new Parameter(Tensor.FromArray(expected));
        using var rounded = new Parameter(Tensor.FromArray(expected).To(DType.Float32));
        using var optimizer = create([exact, rounded]);
        for (var step = 0; step < Steps; step++)
        {
            var gradient = Enumerable.Range(0, Count).Select(_ => random.NextDouble() - 0.5).ToArray();
            exact.Grad = Tensor.FromArray(gradient);
            rounded.Grad = Tensor.FromArray(gradient).To(DType.Float32);
            optimizer.Step();
            reference(expected, gradient);
        }
        AssertClose(expected, exact.Value.ToArray<double>());
        // Each step rounds a few times, each time by at most half an ulp of numbers around 1.
        var single = rounded.Value.ToArray<float>();
        for (var i = 0; i < Count; i++)
            Assert.Equal(expected[i], single[i], Steps * 8 * Math.Pow(2, -24));
    }

    private static void AssertClose(double[] expected, double[] actual)
    {
        for (var i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], actual[i], Steps * 8 * Math.Pow(2, -53));
    }
}
