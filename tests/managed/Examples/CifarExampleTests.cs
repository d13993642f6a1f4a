// The CIFAR example: names of its ResNet-18, which set a folder has, and a run that is interrupted and goes on.

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
            // The stem alone differs, 7 x 7 there.
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
        // torchvision's 11,689,512 less what a 7 x 7 stem has more than a 3 x 3 one.
        Assert.Equal(11_689_512 - 64 * 3 * (49 - 9), model.Parameters().Sum(parameter => parameter.ElementCount));
    }

    [Theory]
    [InlineData("cnn", 1_646_112)]
    [InlineData("resnet18", 11_173_962)]
    public void ModelsScoreEachImageForItselfAndLearnInEveryParameter(string name, long parameters)
    {
        Runtime.ManualSeed(3);
        using var model = Networks.Create(Networks.Parse(name)!.Value, classes: 10);
        Assert.Equal(parameters, model.Parameters().Sum(parameter => parameter.ElementCount));
        var images = Tensor.Randn([3, 3, 32, 32]);
        Functional.CrossEntropy(model.Call(images), Tensor.FromArray([1L, 2, 3])).Backward();
        Assert.All(model.Parameters(), parameter => Assert.True(parameter.Grad!.Abs().Sum().ToDouble() > 0));
        model.Eval();
        using var noGrad = Autograd.NoGrad();
        var together = model.Call(images).ToArray<float>();
        Assert.Equal(30, together.Length);
        // Sums over up to 4,608 products in another order: 1e-4 of values near 1.
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
    public void AnInterruptedRunGoesOnAndOtherOptionsAreRefused()
    {
        WriteCifar100(_folder["cifar100"], images: 24);
        var options = new ExampleOptions { Data = _folder.Path, Epochs = 2, Output = _folder["whole"] };
        var own = new CifarOptions { BatchSize = 8, Set = ImageSet.Cifar100Groups };
        var output = new StringWriter();
        Assert.Equal(ExitCode.Success, new Session(options, own, output).Run(CancellationToken.None));
        Assert.Contains("test accuracy: ", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("top-5 accuracy", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("CIFAR-100 in 20 groups, cnn", File.ReadAllText(_folder["whole/report.html"]),
            StringComparison.Ordinal);

        using var cancellation = new CancellationTokenSource();
        options = options with { Output = _folder["parts"] };
        var interrupting = new CancellingWriter(cancellation, "epoch 1/2  train/loss");
        Assert.Equal(ExitCode.Interrupted, new Session(options, own, interrupting).Run(cancellation.Token));
        Assert.False(File.Exists(_folder["parts/model.safetensors"]));
        options = new ExampleOptions { Data = _folder.Path, Output = _folder["parts"], Resume = true };
        Assert.Contains("--seed 2", Refused(options with { Seed = 2 }, own), StringComparison.Ordinal);
        Assert.Contains("--model", Refused(options, own with { Model = ModelKind.ResNet18 }),
            StringComparison.Ordinal);
        Assert.Contains("not CIFAR-100", Refused(options, own with { Set = ImageSet.Cifar100 }),
            StringComparison.Ordinal);
        Assert.Equal(ExitCode.Success,
            new Session(options, new CifarOptions(), TextWriter.Null).Run(CancellationToken.None));
        Assert.Equal(File.ReadAllBytes(_folder["whole/model.safetensors"]),
            File.ReadAllBytes(_folder["parts/model.safetensors"]));
        // Once more, when all epochs are done: the same answers.
        var again = new StringWriter();
        Assert.Equal(ExitCode.Success, new Session(options, new CifarOptions(), again).Run(CancellationToken.None));
        Assert.Equal(Table(output), Table(again));

        static string Table(StringWriter writer)
        {
            var text = writer.ToString();
            var start = text.IndexOf("class ", StringComparison.Ordinal);
            return text[start..text.IndexOf("model saved", StringComparison.Ordinal)];
        }
    }

    private static string Refused(ExampleOptions options, CifarOptions own) =>
        Assert.Throws<OptionConflictException>(() =>
            new Session(options, own, TextWriter.Null).Run(CancellationToken.None)).Message;

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

    // Presses Ctrl-C when a line begins so.
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
