// The option tables of the examples: defaults, texts, what a plan keeps, and the command line.

using TorchScratch.Examples;
using TorchScratch.Examples.CifarTraining;

namespace TorchScratch.Tests.Examples;

public class OptionTests
{
    [Fact]
    public void APlanKeepsTheOptionsThatHaveAKey()
    {
        var plan = RunPlan.New(Options.Table, new GivenOptions().With(Options.BatchSize, 8));
        Assert.Equal(new Dictionary<string, string>
        {
            ["epochs"] = "12",
            ["seed"] = "1",
            ["model"] = "cnn",
            ["batch size"] = "8",
            ["learning rate"] = "0.1",
        }, plan.Texts);
        plan = plan.With(Options.Set, ImageSet.Cifar100Groups);
        Assert.Equal("CIFAR-100 in 20 groups", plan.Texts["data"]);
        Assert.Equal(ImageSet.Cifar100Groups, plan.Get(Options.Set));
        Assert.Equal(8, plan.Get(Options.BatchSize));
        Assert.Equal(ulong.MaxValue, plan.With(Options.Table.Seed, ulong.MaxValue).Get(Options.Table.Seed));
    }

    [Fact]
    public void EachFlagAndEachKeyIsDeclaredOnce()
    {
        var flags = Options.Table.Options.Select(option => option.Flag).OfType<string>().ToList();
        var keys = Options.Table.Options.Select(option => option.Key).OfType<string>().ToList();
        Assert.Equal(flags.Distinct(), flags);
        Assert.Equal(keys.Distinct(), keys);
        Assert.Equal(["--data", "--epochs", "--seed", "--resume", "--threads", "--device", "--output"], flags[..7]);
    }

    [Theory]
    [InlineData("--epochs 0", "--epochs 0: expected 1..100000")]
    [InlineData("--batch-size many", "--batch-size many: expected 1..50000")]
    [InlineData("--learning-rate 0", "--learning-rate 0: expected 0..1")]
    [InlineData("--learning-rate nan", "--learning-rate nan: expected 0..1")]
    [InlineData("--model vgg", "--model vgg: expected cnn|resnet18")]
    [InlineData("--seed -1", "--seed -1: expected 0..2^64-1")]
    [InlineData("--seeds 1", "--seeds")]
    public void AWrongArgumentIsRefusedWithWhatWasExpected(string arguments, string message)
    {
        var (code, errors, given) = Run(arguments.Split(' '));
        Assert.Equal(ExitCode.BadArguments, code);
        Assert.Contains(message, errors, StringComparison.Ordinal);
        Assert.Null(given);
    }

    [Fact]
    public void ArgumentsBecomeValues()
    {
        var (code, _, given) = Run("--resume", "--epochs", "3", "--learning-rate", "5e-2", "--coarse", "--save", "");
        Assert.Equal(ExitCode.Success, code);
        Assert.True(given!.Has(Options.Table.Resume));
        Assert.Null(given.Text(Options.Table.Resume));
        Assert.Null(given.Text(Options.Save));
        Assert.Equal(3, given.Get(Options.Table.Epochs));
        Assert.Equal(0.05, given.Get(Options.LearningRate));
        Assert.Equal(128, given.Get(Options.BatchSize));
        Assert.Equal(ImageSet.Cifar100Groups, Options.AskedSet(given));
        Assert.False(given.Has(Options.Cifar100));
        Assert.Equal("run/c", Run("--resume", "run/c").Given!.Text(Options.Table.Resume));
    }

    private static (int Code, string Errors, GivenOptions? Given) Run(params string[] args)
    {
        var errors = new StringWriter();
        var standard = Console.Error;
        GivenOptions? seen = null;
        try
        {
            Console.SetError(errors);
            var code = ExampleCommand.Run("Test.", Options.Table, args, (given, _) =>
            {
                seen = given;
                return ExitCode.Success;
            });
            return (code, errors.ToString(), seen);
        }
        finally
        {
            Console.SetError(standard);
        }
    }
}
