// What single layers compute, and their initialization.

using TorchScratch.NN;

namespace TorchScratch.Tests.NN;

public class LayerTests
{
    [Fact]
    public void LinearIsTheProductPlusTheBias()
    {
        using var layer = new Linear(3, 2);
        layer.LoadStateDict(new Dictionary<string, Tensor>
        {
            ["weight"] = Tensor.FromArray(new float[,] { { 1, 2, 3 }, { 4, 5, 6 } }),
            ["bias"] = Tensor.FromArray([10f, 20f]),
        });
        Assert.Equal([16f, 35f], layer.Call(Tensor.Ones([1, 3])).ToArray<float>());
    }

    [Fact]
    public void LayersHavePyTorchsDefaultInitialization()
    {
        Runtime.ManualSeed(1);
        using var linear = new Linear(400, 300);
        AssertUniform(linear.Weight, 1 / Math.Sqrt(400));
        AssertUniform(linear.Bias!, 1 / Math.Sqrt(400));
        using var convolution = new Conv2d(16, 32, (3, 5));
        AssertUniform(convolution.Weight, 1 / Math.Sqrt(16 * 15));
        AssertUniform(convolution.Bias!, 1 / Math.Sqrt(16 * 15));
    }

    [Fact]
    public void InitializationsHaveTheirStandardDeviation()
    {
        Runtime.ManualSeed(1);
        using var weight = Tensor.Empty([300, 200]);
        Init.KaimingUniform(weight);
        AssertUniform(weight, Math.Sqrt(6.0 / 200));
        Init.KaimingUniform(weight, mode: FanMode.Out);
        AssertUniform(weight, Math.Sqrt(6.0 / 300));
        Init.XavierUniform(weight, gain: 2);
        AssertUniform(weight, 2 * Math.Sqrt(6.0 / 500));
        Init.XavierNormal(weight);
        Assert.Equal(Math.Sqrt(2.0 / 500), Deviation(weight.ToArray<float>()), 1e-3);
        Init.KaimingNormal(weight);
        Assert.Equal(Math.Sqrt(2.0 / 200), Deviation(weight.ToArray<float>()), 2e-3);
        Init.Constant(weight, 3);
        Assert.All(weight.ToArray<float>(), value => Assert.Equal(3, value));
        Assert.Throws<ShapeException>(() => Init.XavierUniform(Tensor.Empty([3])));
    }

    // tests/native/nn_test.cpp expects the same numbers from the C++ modules.
    [Fact]
    public void ASeedGivesTheSameInitialValuesAsInCpp()
    {
        Runtime.ManualSeed(42);
        using var model = new Sequential(new Linear(3, 2), new Conv2d(2, 2, 2), new Embedding(2, 3));
        using var attention = new MultiheadAttention(4, 2, addBiasKV: true);
        float[] expected = [0.130434811f, 0.265118361f, -0.122740939f, -0.0843942612f, -0.345504522f, 0.51497668f, 0,
            -0.556128919f, -0.373555809f, -0.272376418f, 0];
        Assert.Equal(expected,
            model.Parameters().Concat(attention.Parameters()).Select(parameter => parameter.Value.ToArray<float>()[0]));
    }

    [Fact]
    public void ASeedReproducesTheInitialValues()
    {
        Runtime.ManualSeed(5);
        using var first = new Linear(10, 10);
        Runtime.ManualSeed(5);
        using var second = new Linear(10, 10);
        Assert.Equal(first.Weight.Value.ToArray<float>(), second.Weight.Value.ToArray<float>());
        Assert.Equal(first.Bias!.Value.ToArray<float>(), second.Bias!.Value.ToArray<float>());
    }

    [Fact]
    public void DropoutActsOnlyInTraining()
    {
        Runtime.ManualSeed(1);
        using var layer = new Dropout(0.25);
        using var input = Tensor.Ones([100, 100]);
        var values = layer.Call(input).ToArray<float>();
        Assert.All(values, value => Assert.True(value == 0 || Math.Abs(value - 1 / 0.75) < 1e-6));
        // The fraction of 10 000 draws has a standard deviation of 0.0043.
        Assert.Equal(0.25, values.Count(value => value == 0) / 10_000.0, 0.03);
        layer.Eval();
        Assert.Same(input, layer.Call(input));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Dropout(1.5));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Dropout(double.NaN));
    }

    [Fact]
    public void ActivationsComputeTheirFunctions()
    {
        using var input = Tensor.FromArray([-2.0, -0.5, 0, 0.5, 2]);
        Check(new ReLU(), x => Math.Max(x, 0));
        Check(new LeakyReLU(0.1), x => x > 0 ? x : 0.1 * x);
        Check(new Sigmoid(), x => 1 / (1 + Math.Exp(-x)));
        Check(new Tanh(), Math.Tanh);
        Check(new SiLU(), x => x / (1 + Math.Exp(-x)));
        Check(new Softmax(0), x => Math.Exp(x) / input.ToArray<double>().Sum(Math.Exp));
        Check(new LogSoftmax(0), x => x - Math.Log(input.ToArray<double>().Sum(Math.Exp)));

        void Check(Module<Tensor, Tensor> module, Func<double, double> function)
        {
            var actual = module.Call(input).ToArray<double>();
            var expected = input.ToArray<double>().Select(function).ToArray();
            for (var i = 0; i < expected.Length; i++)
                Assert.Equal(expected[i], actual[i], 1e-12);
        }
    }

    [Fact]
    public void LossesComputeTheirFormulas()
    {
        using var logits = Tensor.FromArray(new[,] { { 1.0, 2, 0.5 }, { 0.1, -1, 3 } });
        using var targets = Tensor.FromArray([1L, 0L]);
        double[] losses =
        [
            Math.Log(Math.Exp(1) + Math.Exp(2) + Math.Exp(0.5)) - 2,
            Math.Log(Math.Exp(0.1) + Math.Exp(-1) + Math.Exp(3)) - 0.1,
        ];
        Assert.Equal(losses.Average(), new CrossEntropyLoss().Call(logits, targets).ToDouble(), 1e-12);
        Assert.Equal(losses.Sum(),
            new CrossEntropyLoss(reduction: Reduction.Sum).Call(logits, targets).ToDouble(), 1e-12);
        using var weighted = new CrossEntropyLoss(Tensor.FromArray([3.0, 1, 1]));
        Assert.Equal((losses[0] + 3 * losses[1]) / 4, weighted.Call(logits, targets).ToDouble(), 1e-12);
        Assert.Equal(["weight"], weighted.StateDict().Keys);
        Assert.Equal(losses[1], new CrossEntropyLoss(ignoreIndex: 1).Call(logits, targets).ToDouble(), 1e-12);

        using var other = Tensor.Zeros([2, 3], DType.Float64);
        Assert.Equal(logits.ToArray<double>().Average(x => x * x), new MSELoss().Call(logits, other).ToDouble(), 1e-12);
    }

    private static void AssertUniform(Tensor tensor, double bound)
    {
        var values = tensor.ToArray<float>();
        Assert.InRange(values.Max(), 0.9 * bound, bound);
        Assert.InRange(values.Min(), -bound * 1.000001, -0.9 * bound);
        // The standard deviation of a uniform distribution; that of few values varies more.
        Assert.Equal(bound / Math.Sqrt(3), Deviation(values), bound * (values.Length > 1000 ? 0.03 : 0.3));
    }

    private static double Deviation(float[] values)
    {
        var mean = values.Average(value => (double)value);
        return Math.Sqrt(values.Average(value => (value - mean) * (value - mean)));
    }
}
