// What all modules have in common: names, text, modes, hooks, and the module path in errors.

using TorchScratch.NN;

namespace TorchScratch.Tests.NN;

public class ModuleTests
{
    private sealed class Keeper : Module<Tensor, Tensor>
    {
        public Tensor? Seen { get; private set; }

        public override Tensor Forward(Tensor input) => Seen = input;
    }

    [Fact]
    public void SequentialFreesIntermediateResults()
    {
        var keeper = new Keeper();
        using var model = new Sequential(new Linear(4, 4), keeper, new Tanh(), new Identity(), new Linear(4, 4),
            new Sigmoid(),
            new Sequential(new Linear(4, 4), new ReLU()));
        var input = Tensor.Randn([2, 4]);
        Tensor? hooked = null;
        using (model[4].RegisterForwardHook((_, _, output) => hooked = output))
        {
            model.Call(input).Sum().Backward();
            Assert.Equal(8, keeper.Seen!.ToArray<float>().Length);
            Assert.Equal(8, hooked!.ToArray<float>().Length);
        }
        Assert.Equal(8, input.ToArray<float>().Length);
        Assert.All(model.Parameters(), parameter => Assert.NotNull(parameter.Grad));

        // Nothing is kept between two modules of the library.
        using var linear = new Linear(4, 4);
        using var plain = new Sequential(linear, new ReLU(), new Identity());
        using var tracker = LiveTensors.Track();
        using var result = plain.Call(input);
        Assert.Single(LiveTensors.Snapshot(collect: false).Tensors);
    }

    [Fact]
    public void NamesMatchPyTorch()
    {
        using var model = new Sequential(new Linear(4, 3), new ReLU(), new Sequential(new Linear(3, 2, bias: false)));
        Assert.Equal(["0.weight", "0.bias", "2.0.weight"], model.NamedParameters().Select(entry => entry.Name));
        Assert.Equal(["", "0", "1", "2", "2.0"], model.NamedModules().Select(entry => entry.Name));
        Assert.Equal(["0", "1", "2"], model.Children.Keys);
        using var named = new Sequential(("conv1", new Conv2d(1, 2, 3)), ("fc", new Linear(2, 1)));
        Assert.Equal(["conv1.weight", "conv1.bias", "fc.weight", "fc.bias"], named.StateDict().Keys);
    }

    [Fact]
    public void TheTextMatchesPyTorch()
    {
        using var model = new Sequential(new Conv2d(1, 16, 3, padding: 1, bias: false), new MaxPool2d(2), new Flatten(),
            new Sequential(new Linear(784, 10), new Dropout(0.25)), new Softmax(1), new Identity(), new Sequential());
        Assert.Equal(
            """
            Sequential(
              (0): Conv2d(1, 16, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1), bias=False)
              (1): MaxPool2d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)
              (2): Flatten(start_dim=1, end_dim=-1)
              (3): Sequential(
                (0): Linear(in_features=784, out_features=10, bias=True)
                (1): Dropout(p=0.25, inplace=False)
              )
              (4): Softmax(dim=1)
              (5): Identity()
              (6): Sequential()
            )
            """.ReplaceLineEndings("\n"), model.ToString());
    }

    [Fact]
    public void ASharedModuleCountsOnce()
    {
        var shared = new Linear(3, 3);
        using var model = new Sequential(shared, new ReLU(), shared);
        Assert.Equal(["0.weight", "0.bias"], model.NamedParameters().Select(entry => entry.Name));
        // A state dict has both names, as in PyTorch.
        Assert.Equal(["0.weight", "0.bias", "2.weight", "2.bias"], model.StateDict().Keys);
    }

    [Fact]
    public void BadNamesAndCyclesAreErrors()
    {
        using var model = new Sequential();
        model.Add("a", new ReLU());
        Assert.Throws<ArgumentException>(() => model.Add("a", new ReLU()));
        Assert.Throws<ArgumentException>(() => model.Add("a.b", new ReLU()));
        Assert.Throws<ArgumentException>(() => model.Add("", new ReLU()));
        Assert.Throws<ArgumentException>(() => model.Add("self", model));
        var outer = new Sequential(model);
        Assert.Throws<ArgumentException>(() => model.Add("outer", outer));
    }

    [Fact]
    public void ModesReachEveryModule()
    {
        using var model = new Sequential(new Sequential(new Dropout()), new ReLU());
        Assert.All(model.NamedModules(), entry => Assert.True(entry.Module.IsTraining));
        model.Eval();
        Assert.All(model.NamedModules(), entry => Assert.False(entry.Module.IsTraining));
        model.Train();
        Assert.All(model.NamedModules(), entry => Assert.True(entry.Module.IsTraining));
    }

    [Fact]
    public void ErrorsContainTheModulePath()
    {
        using var model = new Sequential(("encoder", new Sequential(new ReLU(), new Linear(4, 3))),
            ("head", new ReLU()));
        using var input = Tensor.Zeros([2, 5]);
        var error = Assert.ThrowsAny<TorchScratchException>(() => model.Call(input));
        Assert.Equal("encoder.1", error.ModulePath);
        Assert.StartsWith("encoder.1: ", error.Message, StringComparison.Ordinal);
        using var alone = new Linear(4, 3);
        Assert.Equal("Linear", Assert.ThrowsAny<TorchScratchException>(() => alone.Call(input)).ModulePath);
    }

    [Fact]
    public void HooksSeeAndReplaceInputsAndOutputs()
    {
        using var model = new Sequential(new Identity());
        using var input = Tensor.FromArray([1f, 2f]);
        var calls = new List<string>();
        var before = model.RegisterForwardPreHook((module, x) =>
        {
            calls.Add("before");
            return x + 1;
        });
        var after = model.RegisterForwardHook((module, x, y) =>
        {
            calls.Add("after");
            Assert.Same(model, module);
            Assert.Equal([2f, 3f], x.ToArray<float>());
            return y * 10;
        });
        Assert.Equal([20f, 30f], model.Call(input).ToArray<float>());
        Assert.Equal(["before", "after"], calls);
        Assert.Equal([1f, 2f], model.Forward(input).ToArray<float>());
        before.Dispose();
        after.Dispose();
        after.Dispose();
        Assert.Equal([1f, 2f], model.Call(input).ToArray<float>());
    }

    [Fact]
    public void AHookMayRemoveItself()
    {
        using var model = new Identity();
        using var input = Tensor.FromArray([1f]);
        IDisposable? registration = null;
        var calls = 0;
        registration = model.RegisterForwardHook((_, _, y) =>
        {
            calls++;
            registration!.Dispose();
            return y;
        });
        model.Call(input);
        model.Call(input);
        Assert.Equal(1, calls);
    }

    [Fact]
    public void ModulesMayHaveSeveralInputs()
    {
        using var model = new Weighted();
        using var a = Tensor.FromArray([1f, 2f]);
        using var b = Tensor.FromArray([10f, 20f]);
        Assert.Equal([21f, 42f], model.Call(a, b).ToArray<float>());
        Assert.Equal("Weighted(scale=2)", model.ToString());
        Assert.Equal(["offset", "table"], model.NamedBuffers().Select(entry => entry.Name));
        Assert.Equal(["factor", "offset"], model.StateDict().Keys);
    }

    [Fact]
    public void ParametersOutliveTheScopeTheyWereMadeIn()
    {
        Linear layer;
        Weighted other;
        using (Tensor.Scope())
        {
            layer = new Linear(3, 2);
            other = new Weighted();
        }
        Assert.False(layer.Weight.IsDisposed || layer.Bias!.IsDisposed);
        Assert.All(other.StateDict().Values, tensor => Assert.False(tensor.IsDisposed));
        layer.Dispose();
        Assert.True(layer.Weight.IsDisposed);
        Assert.Throws<ObjectDisposedException>(() => layer.Call(Tensor.Zeros([1, 3])));
    }

    [Fact]
    public void ConversionKeepsTheParametersAsObjects()
    {
        using var model = new Sequential(new Linear(3, 2), new ReLU());
        var parameters = model.Parameters().ToArray();
        var before = parameters[0].Value.ToArray<float>();
        model.To(DType.Float64);
        Assert.Equal(parameters, model.Parameters());
        Assert.All(parameters,
            parameter => Assert.True(parameter is { DType: DType.Float64, RequiresGrad: true, IsDisposed: false }));
        Assert.Equal(before.Select(value => (double)value), parameters[0].Value.ToArray<double>());
        Assert.Equal(DType.Float64, model.Call(Tensor.Zeros([1, 3], DType.Float64)).DType);
        Assert.Throws<DTypeException>(() => model.To(DType.Int32));
    }

    [Fact]
    public void GradientsAreFreedOrZeroed()
    {
        using var model = new Linear(3, 2);
        model.Call(Tensor.Ones([1, 3])).Sum().Backward();
        Assert.Equal([1f, 1f], model.Bias!.Grad!.ToArray<float>());
        model.ZeroGrad(setToNull: false);
        Assert.Equal([0f, 0f], model.Bias.Grad!.ToArray<float>());
        model.ZeroGrad();
        Assert.Null(model.Bias.Grad);
        model.SetRequiresGrad(false);
        Assert.False(model.Call(Tensor.Ones([1, 3])).RequiresGrad);
    }

    [Fact]
    public void AParameterIsALeaf()
    {
        using var source = Tensor.Ones(2);
        source.RequiresGrad = true;
        Assert.Throws<AutogradException>(() => new Parameter(source * 2));
        using var fine = new Parameter((source * 2).Detach());
        Assert.True(fine.RequiresGrad);
    }

    private sealed class Weighted : Module<Tensor, Tensor, Tensor>
    {
        private readonly Parameter _factor;
        private readonly ModuleBuffer _offset;

        public Weighted()
        {
            _factor = RegisterParameter("factor", new Parameter(Tensor.FromScalar(2f)));
            _offset = RegisterBuffer("offset", Tensor.FromScalar(-1f));
            RegisterBuffer("table", Tensor.Zeros(2), isPersistent: false);
        }

        protected override string Description => "scale=2";

        public override Tensor Forward(Tensor first, Tensor second) => (first * (Tensor)_offset) +
            second * (Tensor)_factor + first * 2;
    }
}
