// Activation checkpointing from C#: functions and modules.

using TorchScratch.NN;

namespace TorchScratch.Tests.Inside;

public class CheckpointTests
{
    [Fact]
    public void AModelsGradientsAreTheSameBitForBit()
    {
        var plain = Gradients(part => part);
        var saved = Gradients(part => new ActivationCheckpoint(part));
        Assert.Equal(plain.Keys, saved.Keys);
        foreach (var (name, values) in plain)
            Assert.Equal(values, saved[name]);

        static Dictionary<string, float[]> Gradients(Func<Sequential, Module<Tensor, Tensor>> wrap)
        {
            using var scope = Tensor.Scope();
            Runtime.ManualSeed(5);
            // Nested: the second part contains a wrapped part.
            using var model = new Sequential(wrap(Part()), wrap(new Sequential(wrap(Part()), Part())),
                new Linear(8, 1));
            var x = Tensor.Randn([6, 8]).RequiresGrad_();
            model.Call(x).Square().Mean().Backward();
            var gradients = model.NamedParameters()
                .ToDictionary(entry => entry.Name, entry => entry.Parameter.Grad!.ToArray<float>());
            gradients.Add("input", x.Grad!.ToArray<float>());
            return gradients;
        }

        static Sequential Part() => new(new Linear(8, 8), new LayerNorm(8), new GELU(), new Dropout(0.3));
    }

    [Fact]
    public void AnyNumberOfInputsAndOutputs()
    {
        using var scope = Tensor.Scope();
        var a = Tensor.FromArray([1f, 2f]).RequiresGrad_();
        var b = Tensor.FromArray([3f, 4f]);
        var captured = Tensor.FromArray([5f, 6f]).RequiresGrad_();
        var runs = 0;
        var outputs = Checkpoint.Run(inputs =>
        {
            runs++;
            return [inputs[0] * inputs[1] * captured, inputs[0].Exp()];
        }, a, b);
        Assert.Equal([15f, 48f], outputs[0].ToArray<float>());
        Assert.Equal(1, runs);
        (outputs[0].Sum() + outputs[1].Sum()).Backward();
        Assert.Equal(2, runs);
        Assert.Equal([15f + MathF.Exp(1), 24f + MathF.Exp(2)], a.Grad!.ToArray<float>(),
            (x, y) => Math.Abs(x - y) < 1e-5f);
        Assert.Equal([3f, 8f], captured.Grad!.ToArray<float>());
    }

    [Fact]
    public void GradCheckPasses()
    {
        using var scope = Tensor.Scope();
        var x = Tensor.Randn([4], DType.Float64).RequiresGrad_();
        Autograd.GradCheck(inputs => [Checkpoint.Run(t => (t.Sin() * t).Exp(), inputs[0])], [x]);
    }

    [Fact]
    public void ExceptionsAreRethrownUnchanged()
    {
        using var scope = Tensor.Scope();
        var x = Tensor.Ones(2).RequiresGrad_();
        var thrown = new InvalidOperationException("mine");
        Assert.Same(thrown,
            Assert.Throws<InvalidOperationException>(() => Checkpoint.Run((Tensor _) => throw thrown, x)));
        var runs = 0;
        var y = Checkpoint.Run(t => runs++ == 0 ? t.Exp() : throw thrown, x).Sum();
        Assert.Same(thrown, Assert.Throws<InvalidOperationException>(() => y.Backward()));
        Assert.Throws<ValueException>(() => Checkpoint.Run((Tensor[] _) => null!, x));
        runs = 0;
        var z = Checkpoint.Run(t => runs++ == 0 ? t.Exp() : t.Exp().Exp(), x).Sum();
        var error = Assert.Throws<AutogradException>(() => z.Backward());
        Assert.Contains("it must do the same in both runs", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void PeakMemoryIsLower()
    {
        const int Layers = 12;
        const long TensorBytes = 256 * 1024 * 4;
        var plain = Peak(wrap: false);
        var saved = Peak(wrap: true);
        // Every part keeps its input; one part at a time keeps its five activations and their gradients.
        Assert.True(plain > 4 * Layers * TensorBytes, $"plain {plain}");
        Assert.True(saved < (Layers + 14) * TensorBytes, $"saved {saved}");

        static long Peak(bool wrap)
        {
            using var scope = Tensor.Scope();
            var x = Tensor.Ones([256, 1024]).RequiresGrad_();
            Runtime.ResetPeakMemory();
            var before = Runtime.AllocatorStatistics.PeakBytes;
            var y = x;
            for (var i = 0; i < Layers; i++)
                y = wrap ? Checkpoint.Run(Layer, y) : Layer(y);
            y.Sum().Backward();
            return Runtime.AllocatorStatistics.PeakBytes - before;
        }

        static Tensor Layer(Tensor x) => x.Sin().Cos().Sin().Cos().Tanh();
    }

    [Fact]
    public void AWrappedModuleKeepsItsNames()
    {
        using var scope = Tensor.Scope();
        using var model = new Sequential(new ActivationCheckpoint(new Linear(2, 3)));
        Assert.Equal(["0.weight", "0.bias"], model.NamedParameters().Select(entry => entry.Name));
        using var plain = new Sequential(new Linear(2, 3));
        plain.LoadStateDict(model.StateDict());
        Assert.Equal("0", Assert.Throws<ShapeException>(() => model.Call(Tensor.Ones([1, 5]))).ModulePath);
        using var alone = new ActivationCheckpoint(new Linear(2, 3));
        Assert.Equal(nameof(ActivationCheckpoint),
            Assert.Throws<ShapeException>(() => alone.Call(Tensor.Ones([1, 5]))).ModulePath);
        using (Autograd.NoGrad())
            Assert.False(model.Call(Tensor.Ones([1, 2])).RequiresGrad);
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
            var captured = new object();
            Checkpoint.Run(t => captured is null ? t : t.Exp(), Tensor.Ones(1).RequiresGrad_()).Sum().Backward();
            return new(captured);
        }
    }
}
