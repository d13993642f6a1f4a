// Modules, optimizers, loaders and trainers on a CUDA device.

using TorchScratch.Data;
using TorchScratch.NN;
using TorchScratch.Optim;
using TorchScratch.Outside;
using TorchScratch.Tests.Data;
using TorchScratch.Training;

namespace TorchScratch.Tests.Devices;

public class DeviceModuleTests
{
    private static readonly Device Gpu = Device.Cuda(0);

    [CudaFact]
    public void AModuleMovesInPlace()
    {
        using var model = new Sequential(new Linear(4, 3), new BatchNorm1d(3));
        var parameters = model.Parameters().ToArray();
        model.Call(Tensor.Randn([5, 4])).Sum().Backward();
        var gradient = parameters[0].Grad!.ToArray<float>();
        Assert.Same(model, model.To(Gpu));
        Assert.Equal(parameters, model.Parameters());
        Assert.All(model.Parameters(), parameter => Assert.Equal(Gpu, parameter.Device));
        Assert.All(model.NamedBuffers(), entry => Assert.Equal(Gpu, entry.Buffer.Device));
        Assert.All(parameters, parameter => Assert.True(parameter.RequiresGrad));
        Assert.Equal(Gpu, parameters[0].Grad!.Device);
        Assert.Equal(gradient, parameters[0].Grad!.ToArray<float>());
        model.To(Gpu, DType.Float64);
        Assert.Equal(DType.Float64, parameters[0].DType);
        Assert.Equal(DType.Float64, parameters[0].Grad!.DType);
        Assert.Equal(DType.Int64, ((BatchNorm1d)model[1]).NumBatchesTracked!.DType);
        Assert.Equal(Device.Cpu, model.Cpu().Parameters().First().Device);
        Assert.Equal(Gpu, model.Cuda().Parameters().First().Device);
    }

    [CudaFact]
    public void AModuleOfADefaultDeviceIsMadeThere()
    {
        using var scope = Device.Use(Gpu);
        using var model = new TransformerEncoderLayer(8, 2, 16);
        Assert.All(model.Parameters(), parameter => Assert.Equal(Gpu, parameter.Device));
    }

    [CudaFact]
    public void TheStateOfAnOptimizerFollowsItsParameters()
    {
        using var model = new Linear(4, 3);
        using var optimizer = new Adam(model.Parameters(), 0.1);
        Train(model, optimizer);
        model.To(Gpu);
        Train(model, optimizer);
        Assert.Equal(Gpu, optimizer.StateDict()["state.0.exp_avg"].Device);
        var state = optimizer.StateDict().ToDictionary(entry => entry.Key, entry => entry.Value.Cpu().Clone());
        using var other = new Adam(model.Parameters(), 0.1);
        other.LoadStateDict(state);
        Assert.Equal(Gpu, other.StateDict()["state.0.exp_avg"].Device);
        Train(model.To(Device.Cpu), other);
        Assert.Equal(Device.Cpu, other.StateDict()["state.0.exp_avg"].Device);
        Assert.Equal(3L, other.StateDict()["state.0.step"].ToInt64());
    }

    [CudaFact]
    public void AnOptimizerMovesParametersOfTwoDevices()
    {
        var a = new Parameter(Tensor.From([1f, 2f]));
        var b = new Parameter(Tensor.From([1f, 2f], Gpu));
        using var sgd = new SGD([a, b], 0.1, momentum: 0.9);
        using var adam = new Adam([a, b], 0.1);
        foreach (Optimizer optimizer in new Optimizer[] { sgd, adam, sgd, adam })
        {
            optimizer.ZeroGrad();
            (a * a).Sum().Backward();
            (b * b).Sum().Backward();
            optimizer.Step();
        }
        Assert.NotEqual([1f, 2f], a.ToArray<float>());
        Assert.All(a.ToArray<float>().Zip(b.ToArray<float>()), pair => Assert.Equal(pair.First, pair.Second, 1e-6f));
        Assert.Equal(2L, adam.StateDict()["state.1.step"].ToInt64());
    }

    [CudaFact]
    public void AnOptimizerOfOnesOwnIsMovedToo()
    {
        using var model = new Linear(4, 3);
        using var optimizer = new HeavyBall(model.Parameters(), 0.1);
        Train(model, optimizer);
        Train(model.To(Gpu), optimizer);
        Assert.Equal(Gpu, optimizer.StateDict()["state.0.velocity"].Device);
    }

    [CudaFact]
    public void StatesLoadFromAnyDeviceIntoAny()
    {
        using var folder = new TemporaryFolder();
        using var model = new Linear(4, 3).To(Gpu);
        model.Save(folder["model"]);
        using var other = new Linear(4, 3);
        other.Load(folder["model"]);
        Assert.Equal(Device.Cpu, other.Weight.Device);
        Assert.Equal(model.Weight.ToArray<float>(), other.Weight.ToArray<float>());
        Init.Constant(model.Weight, 0);
        model.LoadStateDict(other.StateDict());
        Assert.Equal(Gpu, model.Weight.Device);
        Assert.Equal(model.Weight.ToArray<float>(), other.Weight.ToArray<float>());
    }

    [CudaFact]
    public void InitializationIsTheSameOnEveryDevice()
    {
        foreach (var fill in new Action<Tensor>[]
        {
            tensor => Init.Orthogonal(tensor), tensor => Init.TruncatedNormal(tensor), tensor => Init.Eye(tensor),
            tensor => Init.Sparse(tensor, 0.5), tensor => Init.XavierUniform(tensor),
        })
        {
            var (here, there) = (Tensor.Empty([4, 5]), Tensor.Empty([4, 5], device: Gpu));
            Runtime.ManualSeed(1);
            fill(here);
            Runtime.ManualSeed(1);
            fill(there);
            Assert.Equal(Gpu, there.Device);
            Assert.True(here.AllClose(there.Cpu(), 1e-5, 1e-6));
        }
    }

    [CudaFact]
    public void LayersMakeWhatTheyNeedWhereTheirInputIs()
    {
        foreach (var (layer, input) in new (Module<Tensor, Tensor>, Tensor)[]
        {
            (new AlphaDropout(0.5), Tensor.Randn([3, 4])), (new Dropout2d(0.5), Tensor.Randn([2, 3, 4, 4])),
            (new RotaryPositionalEncoding(4, 16), Tensor.Randn([2, 5, 4])),
            (new EmbeddingLike(), Tensor.Randn([2, 5, 4])),
        })
        {
            Assert.Equal(Gpu, layer.To(Gpu).Call(input.Cuda()).Device);
        }
        var attention = new MultiheadAttention(8, 2, addZeroAttn: true, batchFirst: true).To(Gpu);
        var x = Tensor.Randn([2, 5, 8], device: Gpu);
        Assert.Equal(Gpu, attention.Call(x, x, x, isCausal: true, needWeights: true).Output.Device);
        using var noGrad = Autograd.NoGrad();
        using var cached = new MultiheadAttention(8, 2, batchFirst: true).To(Gpu);
        using var cache = new KeyValueCache(8);
        cached.Call(x.Narrow(1, 0, 2), cache);
        Assert.Equal(Gpu, cached.Call(x.Narrow(1, 2, 2), cache).Device);
        Assert.Throws<DeviceException>(() => cached.To(Device.Cpu).Call(x.Cpu().Narrow(1, 0, 1), cache));
        var losses = new CTCLoss().Call(Tensor.Randn([6, 2, 4], device: Gpu).LogSoftmax(2),
            Tensor.FromArray(new[,] { { 1L, 2L }, { 3L, 1L } }, Gpu), Tensor.From([6L, 6L], Gpu),
            Tensor.From([2L, 2L], Gpu));
        Assert.Equal(Gpu, losses.Device);
    }

    [CudaFact]
    public void DerivativesAreTakenWhereTheInputIs()
    {
        var x = Tensor.Randn([3], DType.Float64, Gpu).RequiresGrad_();
        Assert.True(Autograd.GradCheck(t => t.Exp() * t, x));
        Assert.True(Autograd.GradGradCheck(t => t.Exp() * t, x));
        Assert.Equal(Gpu, Autograd.Jacobian(t => t * t, x).Device);
    }

    [CudaFact]
    public void ALoaderDeliversOnTheDevice()
    {
        var data = DrawnDigits.Create(100, seed: 1);
        foreach (var workers in new[] { 0, 1, 3 })
        {
            var here = new DataLoader(data, 16, shuffle: true, workers: workers);
            var there = new DataLoader(data, 16, shuffle: true, workers: workers, device: Gpu);
            foreach (var (expected, batch) in here.Zip(there))
            {
                Assert.Equal((Gpu, Gpu), (batch.Inputs.Device, batch.Targets.Device));
                Assert.Equal(expected.Inputs.ToArray<float>(), batch.Inputs.ToArray<float>());
                Assert.Equal(expected.Targets.ToArray<long>(), batch.Targets.ToArray<long>());
            }
        }
        Assert.All(new DataLoader(data, 16, pinMemory: true), batch => Assert.True(batch.Inputs.IsPinned));
        Assert.All(new DataLoader(data, 16, workers: 1, pinMemory: true), batch => Assert.True(batch.Targets.IsPinned));
        // Left early: what was sent and not taken is freed.
        foreach (var _ in new DataLoader(data, 8, workers: 2, device: Gpu))
            break;
        Assert.Throws<ArgumentException>(() =>
            new DataLoader<string>(new CollatedDataset<int, string>(new Numbers(), _ => ""), device: Gpu));
    }

    [CudaFact]
    public async Task AnAsynchronousLoaderDeliversOnTheDevice()
    {
        var loader = new DataLoader(DrawnDigits.Create(64, seed: 1), 16, device: Gpu);
        var sum = 0.0;
        await foreach (var batch in loader)
        {
            sum += batch.Inputs.Sum().ToDouble();
            Assert.Equal(Gpu, batch.Inputs.Device);
            batch.Dispose();
        }
        Assert.NotEqual(0, sum);
    }

    [CudaFact]
    public void ATrainerTrainsAndResumesOnTheDevice()
    {
        using var folder = new TemporaryFolder();
        var (here, there) = (Losses(Device.Cpu, null), Losses(Gpu, folder["checkpoint"]));
        Assert.All(here.Zip(there), pair => Assert.Equal(pair.First, pair.Second, 1e-3));
        // A run of one device goes on on another.
        var resumed = Losses(Device.Cpu, folder["checkpoint"], resume: true);
        Assert.All(there.Zip(resumed), pair => Assert.Equal(pair.First, pair.Second, 1e-3));

        static double[] Losses(Device device, string? path, bool resume = false)
        {
            Runtime.ManualSeed(1);
            var data = DrawnDigits.Create(200, seed: 1);
            using var model = new Sequential(new Flatten(), new Linear(784, 16), new ReLU(), new Linear(16, 10));
            using var optimizer = new AdamW(model.Parameters(), 1e-3);
            using var averages = new ExponentialMovingAverage(model, 0.9);
            var trainer = new Trainer(model, optimizer, (logits, labels) => Functional.CrossEntropy(logits, labels))
            {
                Device = device,
                TrainingData = new DataLoader(data, 50, shuffle: true, seed: 2),
                ValidationData = new DataLoader(data, 100),
                ValidationMetrics = [new Accuracy(), new F1Score(10), new ConfusionMatrix(10)],
                Averages = averages,
                Checkpoints = path is null ? null : new CheckpointPlan(path),
            };
            if (resume)
                trainer.Resume(path!);
            trainer.Fit(resume ? 3 : 2);
            return [.. trainer.Epochs.Take(2).Select(epoch => epoch["validation/loss"])];
        }
    }

    private static void Train(Module<Tensor, Tensor> model, Optimizer optimizer)
    {
        optimizer.ZeroGrad();
        var device = model.Parameters().First().Device;
        model.Call(Tensor.Ones([2, 4], device: device)).Square().Sum().Backward();
        optimizer.Step();
    }

    // Positions are made in the forward pass.
    private sealed class EmbeddingLike : Module<Tensor, Tensor>
    {
        private readonly Embedding _positions;

        public EmbeddingLike() => _positions = RegisterModule("positions", new Embedding(8, 4));

        public override Tensor Forward(Tensor input) =>
            input + _positions.Call(Tensor.Arange(input.Size(1), device: input.Device));
    }

    private sealed class Numbers : IDataset<int>
    {
        public int Count => 3;

        public int this[int index] => index;
    }
}
