// Gradients through the C# API: modes, hooks and graphs.

namespace TorchScratch.Tests;

public class AutogradTests
{
    [Fact]
    public void BackwardAccumulatesIntoLeaves()
    {
        using var x = Tensor.FromArray([1f, 2f, 3f]).RequiresGrad_();
        (x * x).Sum().Backward();
        Assert.Equal([2f, 4f, 6f], x.Grad!.ToArray<float>());
        (x * x).Backward(Tensor.FromArray([1f, 0f, 2f]));
        Assert.Equal([4f, 4f, 18f], x.Grad!.ToArray<float>());
        Assert.True(x.Grad!.IsSame(x.Grad));
        x.Grad = null;
        Assert.Null(x.Grad);
        x.Grad = Tensor.Ones(3);
        Assert.Equal([1f, 1f, 1f], x.Grad!.ToArray<float>());
        Assert.Throws<ShapeException>(() => x.Grad = Tensor.Ones(2));
    }

    [Fact]
    public void AGraphIsFreedByBackwardUnlessRetained()
    {
        using var x = Tensor.FromArray([3f]).RequiresGrad_();
        var y = (x * x).Sum();
        y.Backward(retainGraph: true);
        y.Backward();
        Assert.Equal(12f, x.Grad!.ToSingle());
        Assert.Throws<AutogradException>(() => y.Backward());
        Assert.Throws<AutogradException>(() => Tensor.Ones(1).Backward());
        Assert.Throws<AutogradException>(() => (x * Tensor.Ones(2)).Backward());
    }

    [Fact]
    public void GradGivesGradientsWithoutAccumulating()
    {
        using var x = Tensor.FromArray([2.0]).RequiresGrad_();
        using var y = Tensor.FromArray([5.0]).RequiresGrad_();
        var z = (x * x * y).Sum();
        var grads = Autograd.Grad([z], [x, y], createGraph: true);
        Assert.Equal(20.0, grads[0].ToDouble());
        Assert.Equal(4.0, grads[1].ToDouble());
        Assert.Null(x.Grad);
        Assert.Equal(10.0, Autograd.Grad(grads[0], x, retainGraph: true).ToDouble());
        Assert.Equal(4.0, Autograd.Grad(grads[0], y).ToDouble());

        using var unused = Tensor.Ones(1).RequiresGrad_();
        var w = (x * 2).Sum();
        var some = Autograd.GradOrNull([w], [x, unused], retainGraph: true);
        Assert.Equal(2.0, some[0]!.ToDouble());
        Assert.Null(some[1]);
        Assert.Throws<AutogradException>(() => Autograd.Grad(w, unused));
        Assert.Throws<ValueException>(() => Autograd.Grad([w], [x], [w, w]));
    }

    [Fact]
    public void SeveralOutputsAreDifferentiatedInOnePass()
    {
        using var x = Tensor.FromArray([1f, 2f]).RequiresGrad_();
        Autograd.Backward([(x * 2).Sum(), x * 3], [null, Tensor.FromArray([1f, 10f])]);
        Assert.Equal([5f, 32f], x.Grad!.ToArray<float>());
    }

    [Fact]
    public void ModesNestAndBelongToTheThread()
    {
        using var x = Tensor.Ones(1).RequiresGrad_();
        using (Autograd.NoGrad())
        {
            Assert.False(Autograd.IsGradEnabled);
            Assert.False((x * 2).RequiresGrad);
            using (Autograd.EnableGrad())
                Assert.True((x * 2).RequiresGrad);
            var elsewhere = false;
            var thread = new Thread(() => elsewhere = Autograd.IsGradEnabled);
            thread.Start();
            thread.Join();
            Assert.True(elsewhere);
            Assert.False(Autograd.IsGradEnabled);
        }
        Assert.True(Autograd.IsGradEnabled);
        using (Autograd.InferenceMode())
        {
            Assert.True(Autograd.IsInferenceMode);
            Assert.False((x * 2).RequiresGrad);
        }
        Assert.False(Autograd.IsInferenceMode);
        default(GradModeScope).Dispose();
        Assert.True(Autograd.IsGradEnabled);
    }

    [Fact]
    public void LeavesDetachAndRetainGrad()
    {
        using var x = Tensor.Ones(2).RequiresGrad_();
        var hidden = x * 3;
        Assert.True(x.IsLeaf);
        Assert.False(hidden.IsLeaf);
        Assert.True(hidden.RequiresGrad);
        Assert.False(hidden.Detach().RequiresGrad);
        hidden.RetainGrad();
        (hidden * hidden).Sum().Backward();
        Assert.Equal([6f, 6f], hidden.Grad!.ToArray<float>());
        Assert.Equal([18f, 18f], x.Grad!.ToArray<float>());
        Assert.Throws<AutogradException>(() => (x * 1).RequiresGrad = false);
        Assert.Throws<DTypeException>(() => Tensor.FromArray([1]).RequiresGrad = true);
    }

    [Fact]
    public void HooksSeeAndReplaceGradients()
    {
        using var x = Tensor.FromArray([1f, 2f]).RequiresGrad_();
        var hidden = x * 2;
        var seen = new List<float[]>();
        using (hidden.RegisterHook(grad =>
        {
            seen.Add(grad.ToArray<float>());
            return grad * 10;
        }))
        {
            hidden.Sum().Backward(retainGraph: true);
        }
        Assert.Equal([1f, 1f], Assert.Single(seen));
        Assert.Equal([20f, 20f], x.Grad!.ToArray<float>());
        x.Grad = null;
        hidden.Sum().Backward();
        Assert.Equal([2f, 2f], x.Grad!.ToArray<float>());
        Assert.Single(seen);
    }

    [Fact]
    public void AHookIsRemovableAfterItsTensorWasDisposed()
    {
        using var x = Tensor.Ones(1).RequiresGrad_();
        var hidden = x * 2;
        var calls = 0;
        var hook = hidden.RegisterHook(_ =>
        {
            calls++;
            return null;
        });
        var loss = hidden.Sum();
        hidden.Dispose();
        loss.Backward(retainGraph: true);
        Assert.Equal(1, calls);
        hook.Dispose();
        hook.Dispose();
        loss.Backward();
        Assert.Equal(1, calls);
    }

    [Fact]
    public void AnExceptionInAHookIsThrownByBackward()
    {
        using var x = Tensor.Ones(1).RequiresGrad_();
        var hidden = x * 2;
        var thrown = new InvalidDataException("from the hook");
        hidden.RegisterHook(_ => throw thrown);
        var loss = hidden.Sum();
        Assert.Same(thrown, Assert.Throws<InvalidDataException>(() => loss.Backward()));
        Assert.Contains(nameof(AnExceptionInAHookIsThrownByBackward), thrown.StackTrace, StringComparison.Ordinal);
        (x * 3).Sum().Backward();
        Assert.Equal(3f, x.Grad!.ToSingle());
    }

    [Fact]
    public void HooksAreFreedWithTheGraph()
    {
        var captured = Register();
        for (var attempt = 0; attempt < 10 && captured.IsAlive; attempt++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        Assert.False(captured.IsAlive);

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        static WeakReference Register()
        {
            var owner = new object();
            using var x = Tensor.Ones(1).RequiresGrad_();
            x.RegisterHook(_ => owner is null ? null : null);
            return new(owner);
        }
    }

    [Fact]
    public void NodesShowTheGraph()
    {
        using var x = Tensor.Ones((2, 2)).RequiresGrad_();
        var y = (x * 2).Relu();
        Assert.Null(x.GradFn);
        using var node = y.GradFn!;
        Assert.Contains("Relu", node.Name, StringComparison.OrdinalIgnoreCase);
        using var next = node.Next[0]!;
        Assert.Contains("Mul", next.Name, StringComparison.OrdinalIgnoreCase);
        Assert.NotNull(next.Next[0]);

        float[]? before = null, after = null;
        using var pre = node.RegisterPreHook((_, outputs) => before = outputs[0]!.ToArray<float>());
        using var post = node.RegisterHook((inputs, _) => after = inputs[0]!.ToArray<float>());
        y.Sum().Backward();
        Assert.Equal([1f, 1f, 1f, 1f], before!);
        Assert.Equal([1f, 1f, 1f, 1f], after!);
        node.Dispose();
        Assert.Throws<ObjectDisposedException>(() => node.Name);
    }

    [Fact]
    public void AnomalyModeReportsTheForwardCall()
    {
        using var x = Tensor.FromArray([-1f]).RequiresGrad_();
        using (Autograd.DetectAnomaly())
        {
            Assert.True(Autograd.IsAnomalyEnabled);
            var y = TheCulprit(x);
            var error = Assert.ThrowsAny<TorchScratchException>(() => y.Sum().Backward());
            Assert.Contains(nameof(TheCulprit), error.Message, StringComparison.Ordinal);
            Assert.Contains("nan", error.Message, StringComparison.OrdinalIgnoreCase);
        }
        Assert.False(Autograd.IsAnomalyEnabled);
        TheCulprit(x).Sum().Backward();

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        static Tensor TheCulprit(Tensor x) => x.Sqrt();
    }

    [Fact]
    public void ChangingASavedTensorInPlaceIsReported()
    {
        using var x = Tensor.Ones(2).RequiresGrad_();
        var hidden = x * 2;
        var y = (hidden * hidden).Sum();
        hidden.Mul_(3);
        var error = Assert.Throws<AutogradException>(() => y.Backward());
        Assert.Contains("in place", error.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void InPlaceChangesOfALeafAreRejectedWhileRecording()
    {
        using var x = Tensor.Ones(2).RequiresGrad_();
        Assert.Throws<AutogradException>(() => x.Add_(1));
        Assert.Throws<AutogradException>(() => x.Fill_(1));
        using (Autograd.NoGrad())
            x.Add_(1);
        Assert.Equal([2f, 2f], x.ToArray<float>());
    }

    [Fact]
    public void AHookThatStartsItsOwnPassAgainIsAnErrorAndNotAStackOverflow()
    {
        using var scope = Tensor.Scope();
        var x = Tensor.Ones(3);
        x.RequiresGrad = true;
        var y = (x * x).Sum();
        var calls = 0;
        x.RegisterHook(gradient =>
        {
            calls++;
            y.Backward(retainGraph: true);
            return gradient;
        });
        Assert.Throws<AutogradException>(() => y.Backward(retainGraph: true));
        Assert.Equal(100, calls);
        // On a thread with a small stack as well.
        Exception? thrown = null;
        var thread = new Thread(() => thrown = Record.Exception(() => y.Backward(retainGraph: true)), 512 << 10);
        thread.Start();
        thread.Join();
        Assert.IsType<AutogradException>(thrown);
    }
}
