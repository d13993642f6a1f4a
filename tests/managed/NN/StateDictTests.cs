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
    public void WhatIsNotLoadedIsListed()
    {
        using var model = Create();
        var before = Values(model);
        var state = new Dictionary<string, Tensor>
        {
            ["0.weight"] = Tensor.Zeros([4, 3]),
            ["2.weight"] = Tensor.Zeros([5, 4]),
            ["extra"] = Tensor.Zeros(1),
        };
        var result = model.LoadStateDict(state, strict: false, skipMismatched: true);
        Assert.Equal(["0.bias", "2.bias"], result.MissingKeys);
        Assert.Equal(["extra"], result.UnexpectedKeys);
        Assert.Equal(["2.weight"], result.MismatchedKeys);
        Assert.False(result.IsComplete);
        Assert.All(Values(model)["0.weight"], value => Assert.Equal(0, value));
        Assert.Equal(before["2.weight"], Values(model)["2.weight"]);
        Assert.True(model.LoadStateDict(model.StateDict()).IsComplete);
        model.Save(_folder["model"]);
        Assert.True(model.Load(_folder["model"]).IsComplete);

        // In strict mode another shape may be left out, but nothing may be missing.
        Assert.Throws<StateDictException>(() => model.LoadStateDict(state, skipMismatched: true));
        state = model.StateDict().ToDictionary(entry => entry.Key, entry => Tensor.OnesLike(entry.Value));
        state["2.bias"] = null!;
        before = Values(model);
        Assert.Throws<StateDictException>(() => model.LoadStateDict(state));
        Assert.Equal(before, Values(model));
    }

    [Fact]
    public void TheNumberOfBatchesMayBeMissing()
    {
        foreach (var norm in (RunningNorm[])
            [new BatchNorm1d(2), new InstanceNorm1d(2, affine: true, trackRunningStats: true)])
        {
            using var owner = norm;
            norm.NumBatchesTracked!.Value.Fill_(5);
            var state = norm.StateDict().Where(entry => entry.Key != "num_batches_tracked")
                .ToDictionary(entry => entry.Key, entry => Tensor.FullLike(entry.Value, 3));
            Assert.True(norm.LoadStateDict(state).IsComplete);
            Assert.Equal([3f, 3f], norm.Weight!.Value.ToArray<float>());
            // PyTorch keeps the count of the module, too.
            Assert.Equal(5, norm.NumBatchesTracked.Value.ToInt64());
            state["weight"].Fill_(9);
            foreach (var count in new[] { 2.5, double.NaN, double.PositiveInfinity })
            {
                state["num_batches_tracked"] = Tensor.FromScalar(count, DType.Float64);
                Assert.Throws<StateDictException>(() => norm.LoadStateDict(state));
                Assert.Equal([3f, 3f], norm.Weight.Value.ToArray<float>());
            }
            state["num_batches_tracked"] = Tensor.FromScalar(7.0, DType.Float64);
            norm.LoadStateDict(state);
            Assert.Equal(7, norm.NumBatchesTracked.Value.ToInt64());
        }
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
