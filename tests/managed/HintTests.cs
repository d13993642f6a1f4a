// Mistakes that beginners make, and what the error says about each.

using TorchScratch.IO;
using TorchScratch.NN;
using TorchScratch.Optim;
using TorchScratch.Tests.Data;
using TorchScratch.Training;
using TorchScratch.Data;

namespace TorchScratch.Tests;

public partial class HintTests
{
    // Every error must contain all the texts.
    private static void Says(Action mistake, params string[] texts)
    {
        var error = Assert.ThrowsAny<Exception>(mistake);
        Assert.All(texts, text => Assert.Contains(text, error.Message, StringComparison.Ordinal));
    }

    public static TheoryData<string> LabelLosses => ["cross entropy", "nll", "multi margin", "accuracy", "module",
        "float64", "none", "smoothing"];

    [Theory]
    [MemberData(nameof(LabelLosses))]
    public void LabelsOfAFloatingType(string loss)
    {
        var scores = Tensor.Randn([3, 5]);
        var labels = Tensor.FromArray([0f, 1f, 2f]);
        Says(() => _ = loss switch
        {
            "cross entropy" => Functional.CrossEntropy(scores, labels),
            "nll" => Functional.NllLoss(scores, labels),
            "multi margin" => Functional.MultiMarginLoss(scores, labels),
            "module" => new CrossEntropyLoss().Call(scores, labels),
            "float64" => Functional.CrossEntropy(scores, labels.To(DType.Float64)),
            "none" => Functional.CrossEntropy(scores, labels, reduction: Reduction.None),
            "smoothing" => Functional.CrossEntropy(scores, labels, labelSmoothing: 0.1),
            _ => Accuracy(scores, labels),
        }, "class labels must be Int64", loss == "float64" ? "float64[3]" : "float32[3]");

        static Tensor Accuracy(Tensor scores, Tensor labels)
        {
            new Accuracy().Update(scores, labels);
            return scores;
        }
    }

    [Fact]
    public void LabelsOfAnotherShape()
    {
        var scores = Tensor.Randn([3, 5]);
        Says(() => Functional.CrossEntropy(scores, Tensor.Zeros([3, 1], DType.Int64)), "expected shape [3]", "squeeze(1)");
        Says(() => Functional.CrossEntropy(scores, Tensor.Zeros([3, 5], DType.Int64)), "one-hot", "argmax(1)");
        Says(() => Functional.CrossEntropy(scores, Tensor.Zeros([3, 4])), "class labels must be Int64");
        Says(() => Functional.NllLoss(scores, Tensor.Zeros([3], DType.Bool)), "class labels must be Int64");
    }

    [Fact]
    public void ChannelsLast()
    {
        Says(() => new Conv2d(3, 8, 3).Call(Tensor.Zeros([4, 28, 28, 3])), "(N, H, W, C)", "(0, 3, 1, 2)");
        Says(() => new Conv2d(1, 8, 3).Call(Tensor.Zeros([28, 28, 1])), "(H, W, C)", "(2, 0, 1)");
        Says(() => new Conv1d(3, 8, 3).Call(Tensor.Zeros([4, 28, 3])), "(N, L, C)", "(0, 2, 1)");
        Says(() => new Conv3d(3, 8, 3).Call(Tensor.Zeros([4, 9, 9, 9, 3])), "(N, D, H, W, C)", "(0, 4, 1, 2, 3)");
        Says(() => new ConvTranspose2d(3, 8, 3).Call(Tensor.Zeros([4, 28, 28, 3])), "(N, H, W, C)");
        Says(() => new BatchNorm2d(3).Call(Tensor.Zeros([4, 28, 28, 3])), "(N, H, W, C)");
        Says(() => new Conv2d(1, 8, 3).Call(Tensor.Zeros([28, 28])), "unsqueeze(0)");
        // Without the hint where it would be wrong.
        var error = Assert.Throws<ShapeException>(() => new Conv2d(3, 8, 3).Call(Tensor.Zeros([4, 1, 28, 28])));
        Assert.DoesNotContain("permute", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AMissingFlatten()
    {
        using var model = new Sequential(new Conv2d(1, 4, 3), new ReLU(), new Linear(4 * 26 * 26, 10));
        Says(() => model.Call(Tensor.Zeros([2, 1, 28, 28])), "2: Linear(in_features=2704, out_features=10, bias=True): Linear: ",
            "float32[2, 4, 26, 26]", "Flatten(1)", "2704");
        using var alone = new Linear(784, 10);
        Says(() => alone.Call(Tensor.Zeros([1, 28, 28])), "Linear(in_features=784, out_features=10, bias=True): ", "Flatten(1)");
        Says(() => alone.Call(Tensor.Zeros([3, 10])), "swapped");
        var error = Assert.Throws<ShapeException>(() => alone.Call(Tensor.Zeros([2, 100])));
        Assert.DoesNotContain("lat", error.Message[error.Message.IndexOf("its last size", StringComparison.Ordinal)..]
            .Replace("its last size", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    private sealed partial class Block : Module<Tensor, Tensor>
    {
        private readonly ModuleList<Linear> _layers = new(new Linear(2, 3), new Linear(2, 3));

        public override Tensor Forward(Tensor input) => _layers[1].Call(_layers[0].Call(input));
    }

    [Fact]
    public void ThePathGoesThroughLists()
    {
        using var model = new Sequential(("block", new Block()));
        var error = Assert.Throws<ShapeException>(() => model.Call(Tensor.Zeros([1, 2])));
        Assert.Equal("block.layers.1", error.ModulePath);
    }

    [Fact]
    public void AGraphThatIsKeptAcrossSteps()
    {
        using var cell = new LSTMCell(2, 2);
        var (h, c) = cell.Call(Tensor.Ones([1, 2]), null);
        h.Sum().Backward();
        Says(() => cell.Call(Tensor.Ones([1, 2]), (h, c)).Hidden.Sum().Backward(), "detach", "step");
        var error = Assert.Throws<AutogradException>(() => h.Sum().Backward());
        Assert.DoesNotContain("retain_graph", error.Message, StringComparison.Ordinal);
        cell.Call(Tensor.Ones([1, 2]), (h.Detach(), c.Detach())).Hidden.Sum().Backward();
    }

    public static TheoryData<byte[], string> OtherFiles => new()
    {
        { [.. "PK\u0003\u0004"u8, .. new byte[60]], "zip archive, such as torch.save writes" },
        { [0x80, 2, 0x8A, 10, (byte)'l', 0xFC, .. new byte[60]], "torch.save before PyTorch 1.6" },
        { [0x80, 4, 0x95, .. new byte[60]], "a pickle file" },
        { [0x1F, 0x8B, 8, 0, .. new byte[60]], "gzip" },
        { [.. "BZh91AY"u8, .. new byte[60]], "bzip2" },
        { [0xFD, .. "7zXZ"u8, 0, .. new byte[60]], "xz" },
        { [0x28, 0xB5, 0x2F, 0xFD, .. new byte[60]], "zstd" },
        { [.. "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 1234\n"u8], "git lfs pull" },
        { [.. "<!DOCTYPE html><html><body>Not found</body></html>"u8], "web page" },
        { [.. "{\"weight_map\": {\"a\": \"model-00001-of-00002.safetensors\"}}"u8], "index of a model in several parts" },
        { [.. "just some words, and not one tensor"u8], "a text" },
        { [.. "short"u8], "a text" },
        { [0x89, .. "HDF\r\n"u8, .. new byte[60]], "HDF5" },
        { [0x93, .. "NUMPY"u8, .. new byte[60]], "NumPy" },
        { [.. "GGUF"u8, .. new byte[60]], "GGUF" },
        { [], "empty" },
    };

    [Theory]
    [MemberData(nameof(OtherFiles))]
    public void AFileThatIsNoSafetensorsFile(byte[] content, string hint)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["model.pt"], content);
        Says(() => SafeTensors.Load(folder["model.pt"]), hint, "model.pt");
        using var model = new Linear(1, 1);
        Says(() => model.Load(folder["model.pt"]), hint);
    }

    private sealed partial class Empty : Module<Tensor, Tensor>
    {
        public override Tensor Forward(Tensor input) => input;
    }

    [Fact]
    public void AnOptimizerOverAModuleThatRegisteredNothing()
    {
        using var model = new Empty();
        Says(() => _ = new Adam(model.Parameters()), "registered nothing", "partial", "RegisterModule");
        Says(() => _ = new SGD(model.Parameters(), 0.1), "registered nothing");
    }

    [Fact]
    public void ALossThatIsNotFinite()
    {
        using var model = new Linear(2, 1);
        using var optimizer = new SGD(model.Parameters(), learningRate: 1e30);
        var data = new TensorDataset(Tensor.Ones([8, 2]), Tensor.Ones([8, 1]));
        Says(() => Train((x, y) => Functional.MseLoss(x, y)), "loss is", "epoch 1, batch", "learning rate below 1E+30", "GradientClipNorm");
        optimizer.LearningRate = 1e-3;
        Init.Constant(model.Weight, 1);
        Init.Constant(model.Bias!, 1);
        Says(() => Train((x, _) => (x * 0).Log().Sum()), "loss is infinite", "batch 1", "logarithm of 0", "DetectAnomaly");
        Init.Constant(model.Weight, double.NaN);
        Says(() => Train((x, y) => Functional.MseLoss(x, y)), "loss is NaN", "weight is not finite");

        void Train(Func<Tensor, Tensor, Tensor> loss) => new Trainer(model, optimizer, (x, y) => loss(x, y))
        {
            TrainingData = new DataLoader(data, batchSize: 2),
        }.Fit(2);
    }
}
