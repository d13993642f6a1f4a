// State dicts of modules, and files of them.

using TorchScratch.NN;
using TorchScratch.Tests.Data;

namespace TorchScratch.Tests.NN;

public sealed class StateDictTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void AFileRestoresEveryValue()
    {
        using var source = Create();
        using var target = Create();
        Assert.NotEqual(Values(source), Values(target));
        source.Save(_folder["model.safetensors"]);
        target.Load(_folder["model.safetensors"]);
        Assert.Equal(Values(source), Values(target));
        Assert.All(target.Parameters(), parameter => Assert.True(parameter.RequiresGrad));
    }

    [Fact]
    public void AStateSharesMemoryWithItsModule()
    {
        using var model = new Linear(2, 2);
        var state = model.StateDict();
        Assert.False(state["weight"].RequiresGrad);
        state["weight"].Fill_(7);
        Assert.Equal([7f, 7f, 7f, 7f], model.Weight.Value.ToArray<float>());
    }

    [Fact]
    public void MismatchesAreListedAndNothingIsLoaded()
    {
        using var model = Create();
        var before = Values(model);
        var state = new Dictionary<string, Tensor>(
            model.StateDict().ToDictionary(entry => entry.Key, entry => Tensor.ZerosLike(entry.Value)));
        state.Remove("0.bias");
        state["2.weight"] = Tensor.Zeros([5, 5]);
        state["extra"] = Tensor.Zeros(1);
        var error = Assert.Throws<StateDictException>(() => model.LoadStateDict(state));
        Assert.Equal(["0.bias"], error.MissingKeys);
        Assert.Equal(["extra"], error.UnexpectedKeys);
        Assert.Equal(["2.weight: expected (2, 4), got (5, 5)"], error.Mismatches);
        Assert.All(new[] { "0.bias", "extra", "2.weight" },
            name => Assert.Contains(name, error.Message, StringComparison.Ordinal));
        Assert.Equal(before, Values(model));

        Assert.Throws<StateDictException>(() => model.LoadStateDict(state, strict: false));
        Assert.Equal(before, Values(model));
        state.Remove("2.weight");
        model.LoadStateDict(state, strict: false);
        Assert.All(model.StateDict()["0.weight"].ToArray<float>(), value => Assert.Equal(0, value));
        Assert.Equal(before["0.bias"], Values(model)["0.bias"]);
    }

    [Fact]
    public void AnotherElementTypeIsConverted()
    {
        using var source = Create();
        using var target = Create();
        target.To(DType.Float64);
        target.LoadStateDict(source.StateDict());
        Assert.Equal(DType.Float64, target.Parameters().First().DType);
        Assert.Equal(Values(source)["0.weight"].Select(value => (double)value),
            target.StateDict()["0.weight"].ToArray<double>());
    }

    [Fact]
    public void ADamagedFileIsATypedError()
    {
        using var model = Create();
        Assert.Throws<TensorIOException>(() => model.Load(_folder["nothing"]));
        File.WriteAllText(_folder["text"], "not a model");
        Assert.Throws<TensorIOException>(() => model.Load(_folder["text"]));
    }

    private static Sequential Create() => new(new Linear(3, 4), new ReLU(), new Linear(4, 2));

    private static Dictionary<string, float[]> Values(Module model) =>
        model.StateDict().ToDictionary(entry => entry.Key, entry => entry.Value.ToArray<float>());
}
