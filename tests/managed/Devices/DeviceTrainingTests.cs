// Whole networks on a CUDA device take the steps that they take on the CPU.

using TorchScratch.NN;
using TorchScratch.Optim;

namespace TorchScratch.Tests.Devices;

public class DeviceTrainingTests
{
    [CudaFact]
    public void AnMlp() => CompareDevices(
        () => new Sequential(new Linear(8, 16), new LayerNorm(16), new GELU(), new Dropout(0.2), new Linear(16, 4)),
        () => (Tensor.Randn([12, 8]), Tensor.RandInt(0, 4, [12])));

    [CudaFact]
    public void ACnn() => CompareDevices(
        () => new Sequential(new Conv2d(1, 4, 3, padding: 1), new BatchNorm2d(4), new ReLU(), new MaxPool2d(2),
            new Conv2d(4, 8, 3), new ReLU(), new Flatten(), new Linear(8 * 2 * 2, 4)),
        () => (Tensor.Randn([6, 1, 8, 8]), Tensor.RandInt(0, 4, [6])));

    [CudaFact]
    public void AGpt() => CompareDevices(() => new SmallGpt(),
        () => (Tensor.RandInt(0, 11, [4, 6]), Tensor.RandInt(0, 11, [24])));

    [CudaFact]
    public void AnLstm() => CompareDevices(() => new SequenceClassifier(),
        () => (Tensor.Randn([4, 6, 5]), Tensor.RandInt(0, 4, [4])));

    // Float32 sums of at most a few hundred products, ten steps: the order of the additions may differ.
    private static void CompareDevices(Func<Module<Tensor, Tensor>> create, Func<(Tensor, Tensor)> batch)
    {
        var (here, there) = (Losses(Device.Cpu), Losses("cuda"));
        Assert.True(here[^1] < here[0]);
        Assert.All(here.Zip(there), pair => Assert.Equal(pair.First, pair.Second, 1e-3 * Math.Abs(pair.First)));

        double[] Losses(Device device)
        {
            Runtime.ManualSeed(3);
            using var model = create().To(device);
            var (inputs, targets) = batch();
            (inputs, targets) = (inputs.To(device), targets.To(device));
            using var optimizer = new AdamW(model.Parameters(), 1e-2);
            var losses = new double[10];
            for (var step = 0; step < losses.Length; step++)
            {
                using var scope = Tensor.Scope();
                optimizer.ZeroGrad();
                var loss = Functional.CrossEntropy(model.Call(inputs), targets);
                loss.Backward();
                GradientClipping.ByNorm(model.Parameters(), 1);
                optimizer.Step();
                losses[step] = loss.ToDouble();
            }
            return losses;
        }
    }

    private sealed class SmallGpt : Module<Tensor, Tensor>
    {
        private readonly Embedding _tokens, _positions;
        private readonly TransformerEncoder _layers;
        private readonly Linear _head;

        public SmallGpt()
        {
            _tokens = RegisterModule("tokens", new Embedding(11, 8));
            _positions = RegisterModule("positions", new Embedding(6, 8));
            _layers = RegisterModule("layers", new TransformerEncoder(() => new TransformerEncoderLayer(
                8, 2, 16, 0.1, TransformerActivation.GELU, batchFirst: true, normFirst: true), 2, new LayerNorm(8)));
            _head = RegisterModule("head", new Linear(8, 11));
        }

        public override Tensor Forward(Tensor input)
        {
            var positions = _positions.Call(Tensor.Arange(input.Size(1), device: input.Device));
            return _head.Call(_layers.Call(_tokens.Call(input) + positions, null, isCausal: true)).Flatten(0, 1);
        }
    }

    private sealed class SequenceClassifier : Module<Tensor, Tensor>
    {
        private readonly LSTM _lstm;
        private readonly Linear _head;

        public SequenceClassifier()
        {
            _lstm = RegisterModule("lstm", new LSTM(5, 7, numLayers: 2, batchFirst: true, bidirectional: true));
            _head = RegisterModule("head", new Linear(14, 4));
        }

        public override Tensor Forward(Tensor input) => _head.Call(_lstm.Call(input).Output.Select(1, -1));
    }
}
