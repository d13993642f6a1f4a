// Gradient clipping, averaged parameters, weight norm, initialization, summaries and containers.

using TorchScratch.NN;
using TorchScratch.Optim;

namespace TorchScratch.Tests.NN;

public class TrainingAidTests
{
    [Fact]
    public void GradientsAreClippedByTheirCommonNorm()
    {
        using var a = WithGradient(3, 0);
        using var b = WithGradient(4);
        using var none = new Parameter(Tensor.Zeros([1]));
        Assert.Equal(5, GradientClipping.ByNorm([a, b, none], 1), 1e-6);
        Assert.Equal([0.6f, 0], a.Grad!.ToArray<float>(), new Close(1e-6));
        Assert.Equal([0.8f], b.Grad!.ToArray<float>(), new Close(1e-6));
        Assert.Equal(1, GradientClipping.ByNorm([a, b], 2), 1e-6);
        Assert.Equal([0.6f, 0], a.Grad!.ToArray<float>(), new Close(1e-6));
        Assert.Equal(0.8, GradientClipping.ByNorm([a, b], 10, double.PositiveInfinity), 1e-6);
        using var infinite = WithGradient(float.PositiveInfinity);
        Assert.Throws<ValueException>(() => GradientClipping.ByNorm([infinite], 1, errorIfNonFinite: true));
        GradientClipping.ByValue([infinite, a], 0.5);
        Assert.Equal([0.5f], infinite.Grad!.ToArray<float>());
        Assert.Equal([0.5f, 0], a.Grad!.ToArray<float>());
    }

    [Fact]
    public void AveragesFollowTheWeights()
    {
        using var model = new Linear(1, 1, bias: false);
        Init.Constant(model.Weight, 1);
        using var average = new ExponentialMovingAverage(model, decay: 0.75);
        Init.Constant(model.Weight, 5);
        average.Update();
        Assert.Equal(2, average.StateDict()["weight"].ToSingle());
        using (average.Use())
            Assert.Equal(2, model.Weight.Value.ToSingle());
        Assert.Equal(5, model.Weight.Value.ToSingle());
        using var other = new ExponentialMovingAverage(model, decay: 0.5);
        other.LoadStateDict(average.StateDict());
        other.CopyToModel();
        Assert.Equal(2, model.Weight.Value.ToSingle());
        Assert.Throws<StateDictException>(() => other.LoadStateDict(new Dictionary<string, Tensor>()));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ExponentialMovingAverage(model, 1));
    }

    [Fact]
    public void WeightNormInitiallyKeepsTheValues()
    {
        using var layer = new Linear(3, 2, dtype: DType.Float64);
        var input = Tensor.Randn([4, 3], DType.Float64);
        var before = layer.Call(input).ToArray<double>();
        WeightNorm.Apply(layer);
        Assert.Equal(["bias", "weight_g", "weight_v"], layer.StateDict().Keys);
        Assert.Equal([2L, 1], layer.StateDict()["weight_g"].Shape.ToArray());
        Assert.All(before.Zip(layer.Call(input).ToArray<double>()),
            pair => Assert.Equal(pair.First, pair.Second, 1e-14));
        var parameters = layer.NamedParameters().ToDictionary(entry => entry.Name, entry => entry.Parameter);
        layer.Call(input).Square().Sum().Backward();
        // The gradients of the directions are orthogonal to the directions.
        var inner = (parameters["weight_v"].Grad! * parameters["weight_v"].Value.Detach()).Sum(1);
        Assert.All(inner.ToArray<double>(), product => Assert.Equal(0, product, 1e-12));
        Init.Constant(parameters["weight_g"], 2);
        Assert.All(layer.Weight.Value.Norm(2, 1).ToArray<double>(), norm => Assert.Equal(2, norm, 1e-14));
        var trained = layer.Call(input).ToArray<double>();
        WeightNorm.Remove(layer, layer.Weight);
        Assert.Equal(["bias", "weight"], layer.StateDict().Keys);
        Assert.Equal(trained, layer.Call(input).ToArray<double>());
        Assert.True(layer.Weight.RequiresGrad);
        Assert.Throws<ArgumentException>(() => WeightNorm.Remove(layer, layer.Weight));
        Assert.Throws<ArgumentException>(() => WeightNorm.Apply(layer, "other"));
    }

    [Fact]
    public void FrozenParametersDoNotChange()
    {
        using var body = new Linear(2, 2);
        using var model = new Sequential(body, new Linear(2, 1));
        body.SetRequiresGrad(false);
        var before = body.Weight.Value.ToArray<float>();
        using var optimizer = new SGD(model.Parameters(), 0.1);
        model.Call(Tensor.Ones([1, 2])).Sum().Backward();
        optimizer.Step();
        Assert.Null(body.Weight.Grad);
        Assert.Equal(before, body.Weight.Value.ToArray<float>());
    }

    [Fact]
    public void InitializationsHaveTheirProperties()
    {
        Runtime.ManualSeed(3);
        using var weight = Tensor.Empty([4, 2, 3], DType.Float64);
        Init.Orthogonal(weight, gain: 2);
        var rows = weight.Flatten(1);
        Assert.InRange((rows.MatMul(rows.T()) - Tensor.Eye(4, dtype: DType.Float64) * 4).Abs().Max().ToDouble(),
            0, 1e-12);
        using var tall = Tensor.Empty([5, 3], DType.Float64);
        Init.Orthogonal(tall);
        Assert.InRange((tall.T().MatMul(tall) - Tensor.Eye(3, dtype: DType.Float64)).Abs().Max().ToDouble(), 0, 1e-12);
        using var many = Tensor.Empty([100, 100]);
        Init.TruncatedNormal(many, mean: 1, standardDeviation: 2, low: 0, high: 1.5);
        Assert.All(many.ToArray<float>(), value => Assert.InRange(value, 0, 1.5f));
        Init.Sparse(many, 0.3);
        Assert.All(many.Eq(0).To(DType.Int64).Sum(0).ToArray<long>(), count => Assert.Equal(30, count));
        Init.Eye(many);
        Assert.Equal(100, many.Sum().ToSingle());
        using var kernel = Tensor.Empty([2, 2, 3]);
        Init.Dirac(kernel);
        Assert.Equal([0f, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0], kernel.ToArray<float>());
        // Nothing to write, so it does not matter how many groups there are.
        Init.Dirac(Tensor.Zeros([0, 2, 3]), int.MaxValue);
        Assert.Equal(Math.Sqrt(2), Init.Gain("ReLU"));
        Assert.Throws<ArgumentException>(() => Init.Gain("Cube"));
        Assert.Throws<ShapeException>(() => Init.Eye(kernel));
    }

    [Fact]
    public void ASummaryCountsParametersAndOperations()
    {
        using var model = new Sequential(new Conv2d(3, 8, 3, padding: 1), new ReLU(), new Flatten(),
            new Linear(128, 10));
        model[0].SetRequiresGrad(false);
        var summary = model.Summary(Tensor.Zeros([2, 3, 4, 4]));
        Assert.Equal(["0", "1", "2", "3", ""], summary.Layers.Select(layer => layer.Name));
        Assert.Equal(["Conv2d", "ReLU", "Flatten", "Linear", "Sequential"], summary.Layers.Select(layer => layer.Type));
        Assert.Equal(3 * 9 * 8 + 8 + 128 * 10 + 10, summary.ParameterCount);
        Assert.Equal(128 * 10 + 10, summary.TrainableParameterCount);
        // Two operations for each product, one for each bias.
        Assert.Equal(2 * 8 * 16 * (2 * 27 + 1), summary.Layers[0].Flops);
        Assert.Equal(2 * 10 * (2 * 128 + 1), summary.Layers[3].Flops);
        Assert.Contains("1,514 parameters, 1,290 of them trainable", summary.ToString(), StringComparison.Ordinal);
        Assert.Contains("2, 8, 4, 4", summary.Layers[0].OutputShape, StringComparison.Ordinal);
        Assert.True(model.IsTraining);
    }

    [Fact]
    public void ContainersRegisterWhatTheyHold()
    {
        using var list = new ModuleList<Linear>(new Linear(1, 2), new Linear(2, 3));
        Assert.Equal(["0.weight", "0.bias", "1.weight", "1.bias"], list.StateDict().Keys);
        Assert.StartsWith("ModuleList(\n  (0): Linear(", list.ToString(), StringComparison.Ordinal);
        using var dict = new ModuleDict<Module>(
            new Dictionary<string, Module> { ["body"] = new ReLU(), ["head"] = new Linear(1, 1) });
        Assert.Equal(["head.weight", "head.bias"], dict.StateDict().Keys);
        Assert.IsType<ReLU>(dict["body"]);
        Assert.Throws<ArgumentException>(() => dict.Add("head", new ReLU()));
        Assert.Equal(2, dict.Count);
    }

    private static Parameter WithGradient(params float[] gradient) =>
        new(Tensor.Zeros([gradient.Length])) { Grad = Tensor.FromArray(gradient) };

    private sealed class Close(double tolerance) : IEqualityComparer<float>
    {
        public bool Equals(float x, float y) => Math.Abs(x - y) <= tolerance;

        public int GetHashCode(float value) => 0;
    }
}
