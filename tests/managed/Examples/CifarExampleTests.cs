// The CIFAR example: parameter names of its ResNet-18, which data set a folder holds, and a run that is interrupted
// and resumed.

using System.Text;
using TorchScratch.Examples;
using TorchScratch.Examples.CifarTraining;
using TorchScratch.NN;
using TorchScratch.Tests.Data;

namespace TorchScratch.Tests.Examples;

public sealed class CifarExampleTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ResNet18HasTheNamesAndShapesOfTorchvision()
    {
        using var model = new ResNet18(1000);
        var state = model.StateDict();
        Assert.Equal(122, state.Count);
        foreach (var (name, shape) in new (string, long[])[]
        {
            // Only the stem differs: torchvision has a 7 x 7 convolution.
            ("conv1.weight", [64, 3, 3, 3]), ("bn1.weight", [64]), ("bn1.running_var", [64]),
            ("bn1.num_batches_tracked", []), ("layer1.0.conv1.weight", [64, 64, 3, 3]),
            ("layer1.1.bn2.bias", [64]), ("layer2.0.conv1.weight", [128, 64, 3, 3]),
            ("layer2.0.downsample.0.weight", [128, 64, 1, 1]), ("layer2.0.downsample.1.running_mean", [128]),
            ("layer3.0.downsample.0.weight", [256, 128, 1, 1]), ("layer4.0.downsample.1.bias", [512]),
            ("layer4.1.conv2.weight", [512, 512, 3, 3]), ("layer4.1.bn2.num_batches_tracked", []),
            ("fc.weight", [1000, 512]), ("fc.bias", [1000]),
        })
        {
            Assert.Equal(shape, state[name].Shape);
        }
        Assert.DoesNotContain(state.Keys, name => name.StartsWith("layer1.0.downsample", StringComparison.Ordinal));
        // torchvision has 11,689,512, of which a 3 x 3 stem needs 64 * 3 * (49 - 9) fewer than a 7 x 7 one.
        Assert.Equal(11_689_512 - 64 * 3 * (49 - 9), model.Parameters().Sum(parameter => parameter.ElementCount));
    }

    [Theory]
    [InlineData("cnn", 1_646_112)]
    [InlineData("resnet18", 11_173_962)]
    public void ModelsScoreEachImageForItselfAndLearnInEveryParameter(string name, long parameters)
    {
        Runtime.ManualSeed(3);
        var kind = Enum.GetValues<ModelKind>().Single(kind => Networks.Name(kind) == name);
        using var model = Networks.Create(kind, classes: 10);
        Assert.Equal(parameters, model.Parameters().Sum(parameter => parameter.ElementCount));
        var images = Tensor.Randn([3, 3, 32, 32]);
        Functional.CrossEntropy(model.Call(images), Tensor.FromArray([1L, 2, 3])).Backward();
        Assert.All(model.Parameters(), parameter => Assert.True(parameter.Grad!.Abs().Sum().ToDouble() > 0));
        model.Eval();
        using var noGrad = Autograd.NoGrad();
        var together = model.Call(images).ToArray<float>();
        Assert.Equal(30, together.Length);
        // Sums of up to 4,608 products, added in another order: a tolerance of 1e-4 for values near 1.
        Assert.Equal(together[10..20], model.Call(images[1..2]).ToArray<float>(), (a, b) => Math.Abs(a - b) <= 1e-4);
    }

    [Fact]
    public void TheFolderDecidesWhichSetItIs()
    {
        Assert.Equal(ImageSet.Cifar10, CifarData.Recognize(_folder.Path, null));
        Assert.Throws<DirectoryNotFoundException>(() => CifarData.Load(_folder.Path, ImageSet.Cifar10));
        WriteCifar100(_folder["cifar100"], images: 4);
        Assert.Equal(ImageSet.Cifar100, CifarData.Recognize(_folder.Path, null));
        Assert.Equal(ImageSet.Cifar100, CifarData.Recognize(_folder["cifar100"], null));
        Assert.Equal(ImageSet.Cifar100Groups, CifarData.Recognize(_folder.Path, ImageSet.Cifar100Groups));
        var groups = CifarData.Load(_folder.Path, ImageSet.Cifar100Groups);
        Assert.Equal((20, 4), (groups.ClassCount, groups.Train.Count));
        Assert.Equal([0, 1, 2, 3], groups.Test.Labels.ToArray());
        WriteCifar10(_folder["cifar10"], images: 2);
        Assert.Equal(ImageSet.Cifar10, CifarData.Recognize(_folder.Path, null));
    }

    [Fact]
    public void AnInterruptedRunIsResumedAndChangedOptionsAreRefused()
    {
        WriteCifar100(_folder["cifar100"], images: 24);
        var data = new GivenOptions().With(Options.Table.Data, _folder.Path);
        var given = data.With(Options.Table.Epochs, 2).With(Options.BatchSize, 8).With(Options.Coarse, true);
        var output = new StringWriter();
        Assert.Equal(ExitCode.Success, Run(given.With(Options.Table.Output, _folder["whole"]), output));
        Assert.Contains("test accuracy: ", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("top-5 accuracy", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("CIFAR-100 in 20 groups, cnn", File.ReadAllText(_folder["whole/report.html"]),
            StringComparison.Ordinal);

        using var cancellation = new CancellationTokenSource();
        var interrupting = new CancellingWriter(cancellation, "epoch 1/2  train/loss");
        given = given.With(Options.Table.Output, _folder["parts"]);
        Assert.Equal(ExitCode.Interrupted, new Session(given, interrupting).Run(cancellation.Token));
        Assert.False(File.Exists(_folder["parts/model.safetensors"]));
        var resumed = data.With(Options.Table.Output, _folder["parts"]).With(Options.Table.Resume, "");
        Assert.Equal("--seed 2: the checkpoint is from a run with 1", Refused(resumed.With(Options.Table.Seed, 2ul)));
        Assert.Equal("--model resnet18: the checkpoint is from a run with cnn",
            Refused(resumed.With(Options.Model, ModelKind.ResNet18)));
        Assert.Equal("--learning-rate 0.2: the checkpoint is from a run with 0.1",
            Refused(resumed.With(Options.LearningRate, 0.2)));
        Assert.Contains("not CIFAR-100", Refused(resumed.With(Options.Cifar100, true)), StringComparison.Ordinal);
        // Options that say the same as the checkpoint are accepted.
        Assert.Equal(ExitCode.Success,
            Run(resumed.With(Options.BatchSize, 8).With(Options.Coarse, true), TextWriter.Null));
        Assert.Equal(File.ReadAllBytes(_folder["whole/model.safetensors"]),
            File.ReadAllBytes(_folder["parts/model.safetensors"]));
        // Once more, when all epochs are done: the same predictions.
        var again = new StringWriter();
        Assert.Equal(ExitCode.Success, Run(resumed, again));
        Assert.Equal(Table(output), Table(again));

        static string Table(StringWriter writer)
        {
            var text = writer.ToString();
            var start = text.IndexOf("class ", StringComparison.Ordinal);
            return text[start..text.IndexOf("model saved", StringComparison.Ordinal)];
        }
    }

    private static int Run(GivenOptions given, TextWriter output) =>
        new Session(given, output).Run(CancellationToken.None);

    private static string Refused(GivenOptions given) =>
        Assert.Throws<OptionConflictException>(() => Run(given, TextWriter.Null)).Message;

    private static void WriteCifar100(string folder, int images)
    {
        Directory.CreateDirectory(folder);
        foreach (var name in new[] { "train.bin", "test.bin" })
            File.WriteAllBytes(Path.Combine(folder, name), Records(images, i => [(byte)(i % 20), (byte)(i % 100)]));
    }

    private static void WriteCifar10(string folder, int images)
    {
        Directory.CreateDirectory(folder);
        foreach (var name in new[] { "data_batch_1.bin", "test_batch.bin" })
            File.WriteAllBytes(Path.Combine(folder, name), Records(images, i => [(byte)(i % 10)]));
    }

    private static byte[] Records(int images, Func<int, byte[]> labels) =>
        [.. Enumerable.Range(0, images).SelectMany(i =>
            labels(i).Concat(Enumerable.Range(0, 3 * 32 * 32).Select(p => (byte)(p * (i + 1) % 251))))];

    // Cancels, as Ctrl-C does, when a line with this beginning is written.
    private sealed class CancellingWriter(CancellationTokenSource source, string start) : StringWriter
    {
        public override Encoding Encoding => Encoding.UTF8;

        public override void WriteLine(string? value)
        {
            if (value?.StartsWith(start, StringComparison.Ordinal) == true)
                source.Cancel();
        }
    }
}
