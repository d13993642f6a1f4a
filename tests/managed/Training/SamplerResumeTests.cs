// Runs whose samples are chosen by a sampler: they resume with the same sampler only.

using TorchScratch.Data;
using TorchScratch.NN;
using TorchScratch.Optim;
using TorchScratch.Tests.Data;
using TorchScratch.Training;

namespace TorchScratch.Tests.Training;

public sealed class SamplerResumeTests : IDisposable
{
    private const int Samples = 12;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    public void ARunWithACustomSamplerResumesBitForBit(int stopAfter)
    {
        var expected = Fit(_folder["whole"], new EveryThird(1), stopAfter: 0, resume: false);
        Fit(_folder["part"], new EveryThird(1), stopAfter, resume: false);
        Assert.Equal(expected, Fit(_folder["part"], new EveryThird(1), stopAfter: 0, resume: true));
        Assert.Equal(File.ReadAllBytes(_folder["whole"]), File.ReadAllBytes(_folder["part"]));
    }

    [Fact]
    public void AnotherSamplerIsRefused()
    {
        var path = _folder["run"];
        Fit(path, new EveryThird(1), stopAfter: 2, resume: false);
        // The same type and number of samples but other indices; another type; no sampler.
        var error = Refused(new EveryThird(2));
        Assert.Contains("order of samples differs", error, StringComparison.Ordinal);
        Assert.Equal(2, error.Split("EveryThird with checksum").Length - 1);
        Assert.Contains("WeightedSampler with checksum", Refused(new WeightedSampler([1, 1], count: 4)),
            StringComparison.Ordinal);
        Assert.Contains("'seed 3, by index, 2 in a batch'", Refused(null), StringComparison.Ordinal);
        Fit(path, new EveryThird(1), stopAfter: 0, resume: true);

        string Refused(ISampler? sampler) => Assert.Throws<ValueException>(() =>
            Fit(path, sampler, stopAfter: 0, resume: true)).Message;
    }

    [Fact]
    public void WeightsDecideTheOrderAndSoDoesTheEpoch()
    {
        var data = new TensorDataset(Tensor.Arange(4), Tensor.Arange(4));
        var loader = Loader([1, 1, 1, 1], seed: 3);
        Assert.Equal(loader.DescribeOrder(1), Loader([1, 1, 1, 1], seed: 3).DescribeOrder(1));
        Assert.NotEqual(loader.DescribeOrder(1), loader.DescribeOrder(2));
        Assert.NotEqual(loader.DescribeOrder(1), Loader([1, 1, 1, 9], seed: 3).DescribeOrder(1));
        Assert.NotEqual(loader.DescribeOrder(1), Loader([1, 1, 1, 1], seed: 4).DescribeOrder(1));
        Assert.Equal("seed 7, shuffled, 2 in a batch",
            new DataLoader(data, 2, shuffle: true, seed: 7).DescribeOrder(0));
        Assert.StartsWith("seed 0, limit 2 with checksum ",
            new DataLoader(data, sampler: new Described(2)).DescribeOrder(0), StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => loader.DescribeOrder(-1));

        DataLoader Loader(double[] weights, ulong seed) =>
            new(data, seed: seed, sampler: new WeightedSampler(weights, count: 64));
    }

    // Trains on four of twelve samples, in two batches, for four epochs; cancels after a number of
    // batches unless it is 0.
    private static string Fit(string path, ISampler? sampler, int stopAfter, bool resume)
    {
        Runtime.ManualSeed(4);
        using var model = new Linear(2, 1);
        using var optimizer = new Adam(model.Parameters(), 0.1);
        using var cancellation = new CancellationTokenSource();
        var inputs = Tensor.Arange(2 * Samples, dtype: DType.Float32).Reshape([Samples, 2]) / Samples;
        var data = new TensorDataset(inputs, inputs.Square().Sum([1], keepDim: true));
        var batches = 0;
        var trainer = new Trainer(model, optimizer, batch =>
        {
            if (++batches == stopAfter)
                cancellation.Cancel();
            return Functional.MseLoss(model.Call(batch.Inputs), batch.Targets);
        })
        {
            // Two batches in an epoch in any case, so that their number does not differ.
            TrainingData = new DataLoader(sampler is null ? new Subset<Batch>(data, [0, 1, 2, 3]) : data, batchSize: 2,
                seed: 3, sampler: sampler),
            Checkpoints = new CheckpointPlan(path),
        };
        if (resume)
            trainer.Resume(path);
        trainer.Fit(4, cancellation.Token);
        return string.Join(' ', model.Weight.Value.ToArray<float>());
    }

    private sealed class EveryThird(int step) : ISampler
    {
        public int Count => 4;

        public void Sample(Span<int> indices, EpochSeed epoch)
        {
            for (var i = 0; i < indices.Length; i++)
                indices[i] = (3 * i + step * (epoch.Epoch + 1)) % Samples;
        }
    }

    private sealed class Described(int limit) : ISampler
    {
        public int Count => 2;

        public string Description => $"limit {limit}";

        public void Sample(Span<int> indices, EpochSeed epoch) => indices.Fill(limit - 1);
    }
}
