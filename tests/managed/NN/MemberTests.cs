// The members of partial module classes: registered whenever the module is asked for its parts.

using TorchScratch.NN;
using TorchScratch.Optim;

namespace TorchScratch.Tests.NN;

public partial class MemberTests
{
    private sealed partial class Net(int width) : Module<Tensor, Tensor>
    {
        private readonly Linear _fc1 = new(2, width);
        private readonly Parameter _scale = new(Tensor.Ones([1]));
        private readonly ModuleBuffer _shift = new(Tensor.Zeros([1]));
        private readonly ModuleBuffer _table = new(Tensor.Zeros([1]), isPersistent: false);

        public Linear? Head { get; set; }

        public List<Linear> Blocks { get; } = [];

        [NotRegistered]
        public Linear? Teacher { get; set; }

        public override Tensor Forward(Tensor input)
        {
            var x = _fc1.Call(input) * _scale.Value + _shift.Value + _table.Value;
            foreach (var block in Blocks)
                x = block.Call(x);
            return Head?.Call(x) ?? x;
        }
    }

    private static IEnumerable<string> Names(Module module) => module.NamedParameters().Select(entry => entry.Name);

    [Fact]
    public void MembersAreTrainedSavedAndConverted()
    {
        using var net = new Net(3) { Head = new(3, 1), Teacher = new(1, 1) };
        Assert.Equal(["scale", "fc1.weight", "fc1.bias", "head.weight", "head.bias"], Names(net));
        Assert.Equal(["scale", "shift", "fc1.weight", "fc1.bias", "head.weight", "head.bias"], net.StateDict().Keys);
        Assert.Equal(["shift", "table"], net.NamedBuffers().Select(entry => entry.Name));
        Assert.Equal(["fc1", "head", "blocks"], net.Children.Keys);
        using var optimizer = new SGD(net.Parameters(), learningRate: 0.1);
        var before = net.Head.Weight.Value.ToArray<float>();
        net.Call(Tensor.Ones([1, 2])).Sum().Backward();
        optimizer.Step();
        Assert.NotEqual(before, net.Head.Weight.Value.ToArray<float>());
        net.Eval();
        Assert.False(net.Head.IsTraining);
        Assert.True(net.Teacher.IsTraining);
        net.To(DType.Float64);
        Assert.Equal(DType.Float64, net.Head.Weight.DType);
        var teacher = net.Teacher;
        var head = net.Head;
        net.Dispose();
        Assert.True(head.Weight.IsDisposed);
        Assert.False(teacher.Weight.IsDisposed);
    }

    [Fact]
    public void MembersMayBeAssignedLateReplacedAndRemoved()
    {
        using var net = new Net(3);
        Assert.Equal(["scale", "fc1.weight", "fc1.bias"], Names(net));
        net.Head = new(3, 1);
        Assert.Equal(5, net.Parameters().Count());
        var second = new Linear(3, 2);
        net.Head = second;
        Assert.Same(second, net.Children["head"]);
        Assert.Equal(2, net.StateDict()["head.bias"].ElementCount);
        net.Head = null;
        Assert.Equal(["scale", "fc1.weight", "fc1.bias"], Names(net));
    }

    [Fact]
    public void ListsAreRegisteredAsTheyAre()
    {
        using var net = new Net(3);
        net.Blocks.AddRange([new(3, 3), new(3, 3, bias: false)]);
        Assert.Equal(["scale", "fc1.weight", "fc1.bias", "blocks.0.weight", "blocks.0.bias", "blocks.1.weight"], Names(net));
        Assert.Contains("(blocks): ModuleList(\n    (0): Linear(", net.ToString(), StringComparison.Ordinal);
        net.Blocks.RemoveAt(0);
        Assert.Equal(["scale", "fc1.weight", "fc1.bias", "blocks.0.weight"], Names(net));
        net.Eval();
        Assert.False(net.Blocks[0].IsTraining);
        // An item that is a member of its own keeps that name alone.
        net.Head = net.Blocks[0];
        Assert.Equal(["scale", "fc1.weight", "fc1.bias", "head.weight"], net.StateDict().Keys.Where(name => name != "shift"));
    }

    [Fact]
    public void AnErrorNamesTheModuleInTheList()
    {
        using var net = new Net(3);
        net.Blocks.AddRange([new(3, 3), new(4, 3)]);
        var error = Assert.Throws<ShapeException>(() => net.Call(Tensor.Ones([1, 2])));
        Assert.Equal("blocks.1", error.ModulePath);
        Assert.StartsWith("blocks.1: Linear(in_features=4, out_features=3, bias=True): Linear: ", error.Message,
            StringComparison.Ordinal);
    }

    private abstract partial class Base<T> : Module<Tensor, Tensor> where T : Module<Tensor, Tensor>
    {
        protected Base(T inner) => Inner = inner;

        protected T Inner { get; }
    }

    private sealed partial class Derived() : Base<Sequential>(new Sequential(new Linear(1, 1)))
    {
        [RegisterAs("outputLayer")]
        private readonly Linear _out = new(1, 1);

        public override Tensor Forward(Tensor input) => _out.Call(Inner.Call(input));
    }

    [Fact]
    public void ClassesInheritMembers()
    {
        using var model = new Derived();
        Assert.Equal(["inner.0.weight", "inner.0.bias", "outputLayer.weight", "outputLayer.bias"], Names(model));
    }

    private sealed partial class Mixed : Module<Tensor, Tensor>
    {
        private readonly Linear _fc;
        private readonly Linear _tied;
        private readonly Linear _alias;

        public Mixed()
        {
            _fc = RegisterModule("classifier", new Linear(1, 1));
            _tied = new Linear(1, 1);
            _alias = _tied;
        }

        public override Tensor Forward(Tensor input) => _alias.Call(_fc.Call(input));
    }

    [Fact]
    public void ACallGivesTheNameThatCounts()
    {
        using var model = new Mixed();
        // PyTorch: a module that two attributes hold is in the state dict twice, and among the parameters once.
        Assert.Equal(["classifier.weight", "classifier.bias", "tied.weight", "tied.bias"], Names(model));
        Assert.Equal(["classifier", "tied", "alias"], model.Children.Keys);
        Assert.Equal(6, model.StateDict().Count);
    }

    private sealed partial class Parent : Module<Tensor, Tensor>
    {
        private readonly Child _child;

        public Parent() => _child = new Child { Owner = this };

        public override Tensor Forward(Tensor input) => _child.Call(input);
    }

    private sealed partial class Child : Module<Tensor, Tensor>
    {
        public Parent? Owner { get; set; }

        public override Tensor Forward(Tensor input) => input;
    }

    [Fact]
    public void ACycleIsAnError()
    {
        var parent = new Parent();
        for (var i = 0; i < 2; i++)
        {
            var error = Assert.Throws<InvalidOperationException>(() => parent.Parameters().Count());
            Assert.Contains("[NotRegistered]", error.Message, StringComparison.Ordinal);
        }
    }

    private sealed partial class Normalized : Module<Tensor, Tensor>
    {
        private readonly Parameter _weight = new(Tensor.Ones([2, 2]));

        public Parameter Weight => _weight;

        public override Tensor Forward(Tensor input) => input.MatMul(_weight.Value);
    }

    [Fact]
    public void AParameterMayBeComputedFromOthers()
    {
        using var model = new Normalized();
        WeightNorm.Apply(model);
        Assert.Equal(["weight_g", "weight_v"], Names(model));
        WeightNorm.Remove(model, model.Weight);
        Assert.Equal(["weight"], Names(model));
    }

    [Fact]
    public void SeveralThreadsMayReadTheParts()
    {
        for (var round = 0; round < 50; round++)
        {
            using var net = new Net(3) { Head = new(3, 1) };
            net.Blocks.Add(new(3, 3));
            Parallel.For(0, 4, _ => Assert.Equal(7, net.Parameters().Count()));
        }
    }
}
