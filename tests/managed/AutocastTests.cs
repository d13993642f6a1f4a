// Mixed precision: scopes, custom functions, and networks that learn in bfloat16 as they do in float32, in about half the
// memory.

using TorchScratch.Data;
using TorchScratch.NN;
using TorchScratch.Optim;
using TorchScratch.Tests.Data;

namespace TorchScratch.Tests;

public class AutocastTests
{
    [Fact]
    public void OperatorsChooseTheirTypesInAScope()
    {
        var x = Tensor.Randn(3, 3);
        Assert.False(Autocast.IsEnabled);
        Assert.Null(Autocast.DType);
        using (Autocast.Begin(DType.BFloat16))
        {
            Assert.True(Autocast.IsEnabled);
            Assert.Equal(DType.BFloat16, Autocast.DType);
            Assert.Equal(DType.BFloat16, x.MatMul(x).DType);
            Assert.Equal(DType.Float32, x.MatMul(x).Exp().DType);
            Assert.Equal(DType.BFloat16, x.MatMul(x).Relu().DType);
            Assert.Equal(DType.Float32, (x + x).DType);
            using (Autocast.Disable())
            {
                Assert.False(Autocast.IsEnabled);
                Assert.Equal(DType.Float32, x.MatMul(x).DType);
                using (Autocast.Begin(DType.Float16))
                    Assert.Equal(DType.Float16, x.MatMul(x).DType);
            }
            Assert.Equal(DType.BFloat16, x.MatMul(x).DType);
        }
        Assert.Equal(DType.Float32, x.MatMul(x).DType);
    }

    [Fact]
    public void OtherTypesAreRefused()
    {
        foreach (var dtype in new[] { DType.Float32, DType.Float64, DType.Int64 })
        {
            var error = Assert.Throws<DTypeException>(() => Autocast.Begin(dtype).Dispose());
            Assert.Contains("bfloat16 or float16", error.Message, StringComparison.Ordinal);
            Assert.False(Autocast.IsEnabled);
        }
    }

    [Fact]
    public void AScopeEndsWithAnException()
    {
        Assert.Throws<ShapeException>(() =>
        {
            using var autocast = Autocast.Begin(DType.BFloat16);
            Tensor.Ones(2, 3).MatMul(Tensor.Ones(2, 3));
        });
        Assert.False(Autocast.IsEnabled);
    }

    [Fact]
    public void ParametersFollowAnOptimizerInsideAScope()
    {
        using var layer = new Linear(4, 4, bias: false);
        using var optimizer = new SGD(layer.Parameters(), 0.5);
        var x = Tensor.Randn(2, 4);
        using var autocast = Autocast.Begin(DType.BFloat16);
        for (var i = 0; i < 3; i++)
        {
            optimizer.ZeroGrad();
            var y = layer.Call(x);
            Assert.Equal(Numbers(x.To(DType.BFloat16).MatMul(layer.Weight.Detach().To(DType.BFloat16).T())), Numbers(y));
            y.Sum().Backward();
            Assert.Equal(DType.Float32, layer.Weight.Grad!.DType);
            optimizer.Step();
        }
    }

    private sealed class Product(DType? inputs) : AutogradFunction
    {
        public bool WasEnabled { get; private set; }

        protected override DType? AutocastInputs => inputs;

        protected override Tensor[] Forward(FunctionContext context, Tensor[] inputs)
        {
            WasEnabled = Autocast.IsEnabled;
            return [inputs[0].MatMul(inputs[1])];
        }

        protected override Tensor?[] Backward(FunctionContext context, Tensor?[] gradOutputs)
        {
            Assert.False(Autocast.IsEnabled);
            return [gradOutputs[0], gradOutputs[0]];
        }
    }

    [Fact]
    public void ACustomFunctionChoosesTheTypeOfItsInputs()
    {
        var x = Tensor.Randn(3, 3);
        x.RequiresGrad = true;
        var half = x.To(DType.BFloat16);
        Assert.Equal(DType.BFloat16, new Product(DType.Float32).Call(half, half).DType);
        using var autocast = Autocast.Begin(DType.BFloat16);
        var follows = new Product(null);
        Assert.Equal(DType.BFloat16, follows.Call(x, x).DType);
        Assert.True(follows.WasEnabled);
        var chooses = new Product(DType.Float32);
        var y = chooses.Call(half, x);
        Assert.Equal(DType.Float32, y.DType);
        Assert.False(chooses.WasEnabled);
        Assert.True(Autocast.IsEnabled);
        y.Sum().Backward();
        Assert.Equal(DType.Float32, x.Grad!.DType);
    }

    [Fact]
    public void RecurrentLayersComputeInHalfTypes()
    {
        using var lstm = new LSTM(4, 8);
        using var gru = new GRU(4, 8);
        using var cell = new LSTMCell(4, 8);
        var x = Tensor.Randn(5, 2, 4);
        using (Autocast.Begin(DType.BFloat16))
        {
            var loss = lstm.Call(x).Output.Square().Sum() + gru.Call(x).Output.Square().Sum() +
                cell.Call(x.Select(0, 0)).Hidden.Square().Sum();
            loss.Backward();
        }
        foreach (var parameter in lstm.Parameters().Concat(gru.Parameters()).Concat(cell.Parameters()))
            Assert.Equal(DType.Float32, parameter.Grad!.DType);
    }

    [Fact]
    public void ACheckpointRunsAgainInTheStateOfItsForwardPass()
    {
        using var layer = new Linear(8, 8);
        var x = Tensor.Randn(4, 8);
        float[] Gradient(bool checkpointed)
        {
            layer.Weight.ZeroGrad();
            Tensor y;
            using (Autocast.Begin(DType.BFloat16))
                y = checkpointed ? Checkpoint.Run(input => layer.Call(input).Tanh(), x) : layer.Call(x).Tanh();
            y.Sum().Backward();
            return layer.Weight.Grad!.ToArray<float>();
        }
        Assert.Equal(Gradient(checkpointed: false), Gradient(checkpointed: true));
    }

    public static TheoryData<string> Networks => ["MLP", "CNN", "GPT"];

    [Theory]
    [MemberData(nameof(Networks))]
    public void ATrainingEndsWithinTwoPercentOfFloat32(string kind)
    {
        var expected = Train(kind, null);
        Assert.InRange(Train(kind, DType.BFloat16), expected * 0.98, expected * 1.02);
        Assert.InRange(Train(kind, DType.Float16), expected * 0.98, expected * 1.02);
    }

    [Theory]
    [InlineData("wide MLP", 0.65)]
    [InlineData("CNN", 0.65)]
    // The residual stream is float32, as in PyTorch.
    [InlineData("GPT", 0.65)]
    public void ActivationsTakeAboutHalfTheMemory(string kind, double most)
    {
        var ratio = (double)Activations(kind, DType.BFloat16) / Activations(kind, null);
        Assert.InRange(ratio, 0.4, most);
    }

    // What a forward pass leaves for the backward pass, beside the converted parameters: how much it grows with the batch.
    private static long Activations(string kind, DType? precision)
    {
        Runtime.ManualSeed(1);
        using var network = new Network(kind);
        return Kept(network, 2, precision) - Kept(network, 1, precision);
    }

    private static long Kept(Network network, int times, DType? precision)
    {
        Garbage.Collect();
        using var scope = Tensor.Scope();
        var batch = network.Batch(0, times);
        var before = Runtime.AllocatorStatistics.LiveBytes;
        Tensor loss;
        using (precision is { } dtype ? Autocast.Begin(dtype) : default)
        {
            using var inner = Tensor.Scope();
            loss = inner.Keep(network.Loss(batch));
        }
        var kept = Runtime.AllocatorStatistics.LiveBytes - before;
        loss.Backward();
        return kept;
    }

    // The mean loss of the last steps.
    private static double Train(string kind, DType? precision)
    {
        Runtime.ManualSeed(1);
        using var network = new Network(kind);
        using var optimizer = new Adam(network.Model.Parameters(), 1e-3);
        var scaler = new GradScaler(enabled: precision == DType.Float16);
        const int Steps = 60, Last = 10;
        var mean = 0.0;
        for (var step = 0; step < Steps; step++)
        {
            using var scope = Tensor.Scope();
            optimizer.ZeroGrad();
            Tensor loss;
            using (precision is { } dtype ? Autocast.Begin(dtype) : default)
                loss = network.Loss(network.Batch(step));
            scaler.Scale(loss).Backward();
            scaler.Step(optimizer);
            scaler.Update();
            mean += step >= Steps - Last ? loss.ToDouble() / Last : 0;
        }
        return mean;
    }

    private static float[] Numbers(Tensor tensor) => tensor.Detach().To(DType.Float32).ToArray<float>();

    /// <summary>A small network and its data.</summary>
    private sealed class Network : IDisposable
    {
        private const int Vocabulary = 24, Length = 64, Width = 64;

        private readonly ImageDataset? _digits;

        public Network(string kind)
        {
            Model = kind switch
            {
                "MLP" => new Sequential(new Flatten(), new Linear(784, 256), new ReLU(), new Linear(256, 256),
                    new ReLU(), new Linear(256, 10)),
                "wide MLP" => new Sequential(new Flatten(), new Linear(784, 1024), new ReLU(), new Linear(1024, 1024),
                    new ReLU(), new Linear(1024, 1024), new ReLU(), new Linear(1024, 1024), new ReLU(),
                    new Linear(1024, 10)),
                "CNN" => new Sequential(new Conv2d(1, 16, 3, padding: 1), new BatchNorm2d(16), new ReLU(),
                    new Conv2d(16, 32, 3, stride: 2, padding: 1), new BatchNorm2d(32), new ReLU(),
                    new Conv2d(32, 32, 3, stride: 2, padding: 1), new ReLU(), new Flatten(), new Linear(32 * 49, 10)),
                _ => new Sequential(new Embedding(Vocabulary, Width), Layer(), Layer(), new LayerNorm(Width),
                    new Linear(Width, Vocabulary)),
            };
            _digits = kind == "GPT" ? null : DrawnDigits.Create(1024, seed: 1);
        }

        public Sequential Model { get; }

        public (Tensor Inputs, Tensor Targets) Batch(int step, int times = 1)
        {
            if (_digits is { } digits)
            {
                var batch = digits.GetBatch([.. Enumerable.Range(step * 64 % 1024, 64 * times)]);
                return (batch.Inputs, batch.Targets);
            }
            // Each sequence counts up by a step of its own, so that the next token follows from the two before.
            var tokens = new long[16 * times, Length + 1];
            for (var i = 0; i < 16 * times; i++)
            {
                for (var t = 0; t <= Length; t++)
                    tokens[i, t] = (i + step + (long)t * (1 + (i + step) % 5)) % Vocabulary;
            }
            var all = Tensor.FromArray(tokens);
            return (all.Narrow(1, 0, Length), all.Narrow(1, 1, Length));
        }

        public Tensor Loss((Tensor Inputs, Tensor Targets) batch)
        {
            var output = Model.Call(batch.Inputs);
            return output.NDim == 3
                ? Functional.CrossEntropy(output.Flatten(0, 1), batch.Targets.Flatten())
                : Functional.CrossEntropy(output, batch.Targets);
        }

        public void Dispose() => Model.Dispose();

        private static TransformerEncoderLayer Layer() => new(Width, 4, 4 * Width, dropout: 0,
            TransformerActivation.GELU, batchFirst: true, normFirst: true);
    }
}
