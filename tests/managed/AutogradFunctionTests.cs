// Custom functions written in C#.

namespace TorchScratch.Tests;

public class AutogradFunctionTests
{
    [Fact]
    public void ForwardBackwardAndDoubleBackwardRun()
    {
        using var x = Tensor.FromArray([2.0, 3.0]).RequiresGrad_();
        var y = new Cube().Call(x);
        Assert.Equal([8.0, 27.0], y.ToArray<double>());
        Assert.Equal(nameof(Cube), y.GradFn!.Name);

        var first = Autograd.Grad(y.Sum(), x, createGraph: true);
        Assert.Equal([12.0, 27.0], first.ToArray<double>());
        var second = Autograd.Grad(first.Sum(), x, createGraph: true);
        Assert.Equal([12.0, 18.0], second.ToArray<double>());
        Assert.Equal([6.0, 6.0], Autograd.Grad(second.Sum(), x).ToArray<double>());
    }

    [Fact]
    public void SeveralInputsAndOutputs()
    {
        using var a = Tensor.FromArray([2f]).RequiresGrad_();
        using var b = Tensor.FromArray([5f]);
        var outputs = new SumAndProduct().Apply(a, b);
        Assert.Equal(7f, outputs[0].ToSingle());
        Assert.Equal(10f, outputs[1].ToSingle());
        Assert.False(outputs[2].RequiresGrad);
        outputs[1].Sum().Backward();
        Assert.Equal(5f, a.Grad!.ToSingle());
        Assert.Null(b.Grad);
        Assert.Throws<ValueException>(() => new SumAndProduct().Call(a, b));
    }

    [Fact]
    public void NothingIsRecordedIfNoGradientIsNeeded()
    {
        using var x = Tensor.Ones(1);
        Assert.False(new Cube().Call(x).RequiresGrad);
        using var leaf = Tensor.Ones(1).RequiresGrad_();
        using (Autograd.NoGrad())
            Assert.False(new Cube().Call(leaf).RequiresGrad);
    }

    [Fact]
    public void ExceptionsAreRethrownUnchanged()
    {
        using var x = Tensor.Ones(1).RequiresGrad_();
        var thrown = new InvalidOperationException("mine");
        Assert.Same(thrown, Assert.Throws<InvalidOperationException>(
            () => new Failing { InForward = thrown }.Call(x)));
        var y = new Failing { InBackward = thrown }.Call(x).Sum();
        Assert.Same(thrown, Assert.Throws<InvalidOperationException>(() => y.Backward()));

        // An error of an operator inside the function keeps its type and its operator.
        var z = new Failing { BadShape = true }.Call(x).Sum();
        Assert.Equal("add", Assert.Throws<ShapeException>(() => z.Backward()).Operator);
        Assert.Null(x.Grad);
        (x * 2).Sum().Backward();
        Assert.Equal(2f, x.Grad!.ToSingle());
    }

    [Fact]
    public void WrongNumbersOfTensorsAreErrors()
    {
        using var x = Tensor.Ones(1).RequiresGrad_();
        Assert.Contains("forward returned 0 tensors instead of 1",
            Assert.Throws<ValueException>(() => new Failing { Forwards = 0 }.Call(x)).Message,
            StringComparison.Ordinal);
        var y = new Failing { Backwards = 2 }.Call(x).Sum();
        Assert.Contains("backward returned 2 tensors instead of 1",
            Assert.Throws<ValueException>(() => y.Backward()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void SavedTensorsAreCheckedAndTheContextIsInvalidAfterwards()
    {
        using var x = Tensor.Ones(1).RequiresGrad_();
        var hidden = x * 2;
        var y = new Cube().Call(hidden).Sum();
        hidden.Add_(1);
        Assert.Throws<AutogradException>(() => y.Backward());

        var leak = new Leaking();
        leak.Call(x);
        Assert.Throws<AutogradException>(() => leak.Context!.Saved);
    }

    [Fact]
    public void AFunctionIsFreedWithItsGraph()
    {
        var state = Record();
        for (var attempt = 0; attempt < 10 && state.IsAlive; attempt++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        Assert.False(state.IsAlive);

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        static WeakReference Record()
        {
            using var scope = Tensor.Scope();
            var function = new Cube();
            function.Call(Tensor.Ones(1).RequiresGrad_());
            return new(function);
        }
    }

    private sealed class Cube : AutogradFunction
    {
        protected override Tensor[] Forward(FunctionContext context, Tensor[] inputs)
        {
            Assert.False(Autograd.IsGradEnabled);
            context.Save(inputs[0]);
            context.State = 3;
            return [inputs[0] * inputs[0] * inputs[0]];
        }

        protected override Tensor?[] Backward(FunctionContext context, Tensor?[] gradOutputs)
        {
            var x = context.Saved[0];
            return [gradOutputs[0]! * x * x * (int)context.State!];
        }
    }

    private sealed class SumAndProduct : AutogradFunction
    {
        protected override int OutputCount => 3;

        protected override Tensor[] Forward(FunctionContext context, Tensor[] inputs)
        {
            Assert.True(context.NeedsInputGrad(0));
            Assert.False(context.NeedsInputGrad(1));
            context.Save(inputs);
            var constant = Tensor.Ones(1);
            context.MarkNonDifferentiable(constant);
            return [inputs[0] + inputs[1], inputs[0] * inputs[1], constant];
        }

        protected override Tensor?[] Backward(FunctionContext context, Tensor?[] gradOutputs)
        {
            Assert.Null(gradOutputs[0]);
            return [gradOutputs[1]! * context.Saved[1], null];
        }
    }

    private sealed class Failing : AutogradFunction
    {
        public Exception? InForward { get; init; }

        public Exception? InBackward { get; init; }

        public bool BadShape { get; init; }

        public int Forwards { get; init; } = 1;

        public int Backwards { get; init; } = 1;

        protected override Tensor[] Forward(FunctionContext context, Tensor[] inputs) =>
            InForward is null ? [.. Enumerable.Range(0, Forwards).Select(_ => inputs[0] * 1)] : throw InForward;

        protected override Tensor?[] Backward(FunctionContext context, Tensor?[] gradOutputs)
        {
            if (InBackward is not null)
                throw InBackward;
            if (BadShape)
                _ = Tensor.Ones(2) + Tensor.Ones(3);
            return [.. Enumerable.Range(0, Backwards).Select(_ => gradOutputs[0])];
        }
    }

    private sealed class Leaking : AutogradFunction
    {
        public FunctionContext? Context { get; private set; }

        protected override Tensor[] Forward(FunctionContext context, Tensor[] inputs)
        {
            Context = context;
            return [inputs[0] * 1];
        }

        protected override Tensor?[] Backward(FunctionContext context, Tensor?[] gradOutputs) => gradOutputs;
    }
}
