// Parameters as tensors, and modules that are changed from outside.

using TorchScratch.NN;
using TorchScratch.Optim;

namespace TorchScratch.Tests;

public partial class ModuleUsageTests
{
    [Fact]
    public void ParametersAreTensors()
    {
        var w = new Parameter(Tensor.FromArray([1f, 2f]));
        Assert.Equal([2f, 4f], (w * 2).ToArray<float>());
        Assert.Equal([2f, 4f], (2 * w).ToArray<float>());
        Assert.Equal([1f, 4f], (w * w).ToArray<float>());
        Assert.Equal([true, false], (w == 1).ToArray<bool>());
        Assert.Equal(3, w.Sum().ToSingle());
        Assert.Equal(2, w[1].ToSingle());
        IEnumerable<Tensor> tensors = new Linear(2, 3).Parameters();
        Assert.Equal(2, tensors.Count());
        (w * w).Sum().Backward();
        Assert.Equal([2f, 4f], w.Grad!.ToArray<float>());
        Assert.Equal(2, Autograd.Grad([(w * 3).Sum()], [w])[0].ElementCount);
        w.ZeroGrad();
        Assert.Null(w.Grad);
        Assert.True(new BatchNorm1d(2).NamedBuffers().First().Buffer.Sum().ToSingle() == 0);
    }

    [Fact]
    public void AParameterIsTheTensorItWasMadeOf()
    {
        var value = Tensor.FromArray([1f, 2f]);
        var w = new Parameter(value);
        Assert.True(value.RequiresGrad);
        Assert.True(w.IsSame(value));
        using (Autograd.NoGrad())
            w.Mul_(3);
        Assert.Equal([3f, 6f], value.ToArray<float>());
        w.Dispose();
        Assert.True(w.IsDisposed);
        Assert.True(value.IsDisposed);
        Assert.Throws<ObjectDisposedException>(() => w.Sum());
    }

    [Fact]
    public void OptimizersTakeTensors()
    {
        var x = Tensor.FromArray([4f]);
        x.RequiresGrad = true;
        foreach (var optimizer in (Optimizer[])[new SGD([x], learningRate: 0.1), new Adam([x]), new RMSprop(new List<Tensor> { x })])
        {
            var before = x.ToSingle();
            optimizer.ZeroGrad();
            (x * x).Sum().Backward();
            optimizer.Step();
            Assert.True(x.ToSingle() < before);
        }
        Assert.Throws<ArgumentException>(() => new Adam([x, x]));
    }

    [Fact]
    public void ConvertedParametersStayTheSameObjects()
    {
        var layer = new Linear(2, 2);
        var (weight, optimizer) = (layer.Weight, new SGD(layer.Parameters(), learningRate: 1));
        layer.Call(Tensor.Ones(1, 2)).Sum().Backward();
        var expected = weight.To(DType.Float64).ToArray<double>();
        layer.To(DType.Float64);
        Assert.Same(weight, layer.Weight);
        Assert.Equal(DType.Float64, weight.DType);
        Assert.True(weight.RequiresGrad);
        Assert.Null(weight.Grad);
        Assert.Equal(expected, weight.ToArray<double>());
        layer.Call(Tensor.Ones((1, 2), DType.Float64)).Sum().Backward();
        optimizer.Step();
        Assert.Equal(expected.Select(number => number - 1), weight.ToArray<double>());
    }

    [Fact]
    public void ChangesOfAModuleReturnIt()
    {
        var model = new Sequential(new Linear(2, 2), new Dropout()).To(DType.Float64).Eval();
        Assert.False(model.IsTraining);
        Assert.Equal(DType.Float64, model.Call(Tensor.Ones((1, 2), DType.Float64)).DType);
        Linear layer = new Linear(1, 1).Train();
        Assert.True(layer.IsTraining);
        Assert.Throws<DTypeException>(() => layer.To(DType.Int64));
    }

    private sealed class TwoLayers : Module<Tensor, Tensor>
    {
        private readonly Linear _first;
        private readonly Sequential _rest;

        public TwoLayers()
        {
            _first = RegisterModule("first", new Linear(2, 2));
            _rest = RegisterModule("rest", new Sequential(new ReLU(), new Linear(2, 1)));
        }

        public override Tensor Forward(Tensor input) => _rest.Call(_first.Call(input));
    }

    [Fact]
    public void ModulesAreAddedAndReplacedByName()
    {
        var model = new TwoLayers().Eval();
        var first = new Linear(2, 2);
        var last = new Linear(2, 3);
        Assert.IsType<Linear>(model.ReplaceModule("first", first));
        Assert.IsType<Linear>(model.ReplaceModule("rest.1", last));
        Assert.False(last.IsTraining);
        Assert.Same(last, model.GetModule("rest.1"));
        var x = Tensor.Ones(1, 2);
        Assert.True(model.Call(x).AllClose(last.Call(first.Call(x).Relu())));
        Assert.Equal([3, 2], model.StateDict()["rest.1.weight"].Shape);
        Assert.Contains(first.Weight, model.Parameters());

        var extra = model.AddModule("extra", new Linear(1, 1));
        Assert.Contains("extra.weight", model.StateDict().Keys);
        Assert.Same(extra, model.GetModule("extra"));
        Assert.Throws<ArgumentException>(() => model.AddModule("extra", new Linear(1, 1)));
        Assert.Throws<ArgumentException>(() => model.ReplaceModule("first", model));
        Assert.Throws<ArgumentException>(() => model.ReplaceModule("first", new LSTM(2, 2)));
        Assert.Same(first, model.GetModule("first"));
        Assert.Throws<KeyNotFoundException>(() => model.ReplaceModule("none", new Linear(1, 1)));
    }

    private sealed partial class Members : Module<Tensor, Tensor>
    {
        private readonly Linear _first = new(2, 2);
        private readonly List<Linear> _rest = [new(2, 2), new(2, 1)];

        public override Tensor Forward(Tensor input) => _rest.Aggregate(_first.Call(input), (x, layer) => layer.Call(x));
    }

    [Fact]
    public void MembersAreReplacedByName()
    {
        var model = new Members();
        var (first, last) = (new Linear(2, 2), new Linear(2, 3));
        var former = (Linear)model.ReplaceModule("first", first);
        model.ReplaceModule("rest.1", last);
        Assert.Same(last, model.GetModule("rest.1"));
        Assert.Equal(["first.weight", "first.bias", "rest.0.weight", "rest.0.bias", "rest.1.weight", "rest.1.bias"],
            model.StateDict().Keys);
        Assert.Contains(first.Weight, model.Parameters());
        Assert.Contains(last.Weight, model.Parameters());
        Assert.Equal([4, 3], model.Call(Tensor.Ones(4, 2)).Shape);

        // And back.
        Assert.Same(first, model.ReplaceModule("first", former));
        Assert.Contains(former.Weight, model.Parameters());
        var x = Tensor.Ones(1, 2);
        Assert.True(former.Call(x).AllClose(Functional.Linear(x, former.Weight, former.Bias)));
        Assert.Equal([1, 3], model.Call(x).Shape);
    }

    [Fact]
    public void BackwardHooksSeeAndReplaceGradients()
    {
        var layer = new Linear(2, 1);
        var x = Tensor.Ones(3, 2);
        x.RequiresGrad = true;
        var seen = new List<string>();
        using (layer.RegisterBackwardHook((module, gradInputs, gradOutputs) =>
        {
            Assert.Same(layer, module);
            seen.Add($"{gradInputs[0]!.Shape} {gradOutputs[0]!.Shape}");
            return [gradInputs[0]! * 2];
        }))
        {
            layer.Call(x).Sum().Backward();
        }
        Assert.Equal(["[3, 2] [3, 1]"], seen);
        using var noGrad = Autograd.NoGrad();
        Assert.True(x.Grad!.AllClose(2 * layer.Weight.Expand(3, 2)));
        Assert.True(layer.Weight.Grad!.AllClose(Tensor.Full((1, 2), 3f)));
    }

    [Fact]
    public void BackwardHooksRunWithoutGradientsOfInputs()
    {
        var layer = new Linear(2, 1);
        var calls = 0;
        using var hook = layer.RegisterBackwardHook((_, gradInputs, gradOutputs) =>
        {
            calls++;
            Assert.Equal([null], gradInputs);
            Assert.NotNull(gradOutputs[0]);
            return null;
        });
        layer.Call(Tensor.Ones(3, 2)).Sum().Backward();
        Assert.Equal(1, calls);
        using var scope = Autograd.NoGrad();
        layer.Call(Tensor.Ones(3, 2));
        Assert.Equal(1, calls);
    }

    [Fact]
    public void InitFillsWithZerosAndOnes()
    {
        var w = new Parameter(Tensor.Rand(2));
        Init.Ones(w);
        Assert.Equal([1f, 1f], w.ToArray<float>());
        Init.Zeros(w);
        Assert.Equal([0f, 0f], w.ToArray<float>());
        Assert.True(w.RequiresGrad);
    }
}
