// Data sets made from others, collated batches, and samples chosen by a sampler.

using TorchScratch.Data;

namespace TorchScratch.Tests.Data;

public class DatasetTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void SamplesOfAnyTypeCanBeCollated(int workers)
    {
        var words = new CollatedDataset<string, string>(new Words(10), samples => string.Join('+', samples));
        Assert.Equal(["w0+w1+w2+w3", "w4+w5+w6+w7", "w8+w9"],
            new DataLoader<string>(words, batchSize: 4, workers: workers));
    }

    [Fact]
    public void ACustomSampleMayBeRandom()
    {
        var dice = new CollatedDataset<int, int[]>(new Dice(), samples => samples);
        var alone = new DataLoader<int[]>(dice, batchSize: 7, seed: 2);
        var helped = new DataLoader<int[]>(dice, batchSize: 13, seed: 2, workers: 4);
        var first = alone.SelectMany(batch => batch).ToArray();
        Assert.Equal(first, helped.SelectMany(batch => batch));
        Assert.Equal(6, first.Distinct().Count());
        Assert.NotEqual(first, alone.SelectMany(batch => batch));
    }

    [Fact]
    public void ASubsetHasTheChosenSamples()
    {
        var digits = DrawnDigits.Create(20);
        var subset = new Subset<Batch>(digits, [5, 3, 19, 3]);
        Assert.Equal(4, subset.Count);
        var labels = digits.Labels.ToArray();
        Assert.Equal([labels[3], labels[5], labels[19]], subset.GetBatch([3, 0, 2]).Targets.ToArray<long>());
        Assert.Throws<ArgumentOutOfRangeException>(() => new Subset<Batch>(digits, [20]));

        // The random numbers of a sample depend on its index in the source.
        var random = digits.Transform(new RandomCrop(28, padding: 4));
        Assert.Equal(random.GetBatch([19], new EpochSeed(1, 2)).Inputs.ToArray<float>(),
            new Subset<Batch>(random, [5, 3, 19]).GetBatch([2], new EpochSeed(1, 2)).Inputs.ToArray<float>());
    }

    [Fact]
    public void DataSetsAreConcatenated()
    {
        var all = new ConcatDataset<string>(new Words(2), new Words(0), new Words(3));
        Assert.Equal(5, all.Count);
        Assert.Equal(["w0", "w1", "w0", "w1", "w2"], Enumerable.Range(0, 5).Select(i => all[i]));
        Assert.Throws<ArgumentOutOfRangeException>(() => all[5]);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(3)]
    [InlineData(int.MaxValue)]
    [InlineData(int.MinValue)]
    public void AnIndexThatIsOutOfRangeIsNamed(int index)
    {
        var table = new CsvDataset(CsvTable.Parse("a,class\n1,x\n2,y\n3,x\n"));
        var images = new ImageDataset(new byte[12], new byte[3], 2, 2);
        var tensors = new TensorDataset(Tensor.Zeros([3, 1, 2, 2]), Tensor.Zeros([3]));
        var words = new CollatedDataset<string, string>(new Words(3), samples => samples[0]);
        IBatchDataset<Batch>[] batches = [table, images, tensors, new Subset<Batch>(images, [2, 1, 0]),
            images.Transform(new CenterCrop(1)), TextDataset.Sequential([1, 2, 3, 4], 1),
            TextDataset.Random([1, 2, 3, 4], 1)];
        foreach (var batch in batches)
            Refuses("indices", () => batch.GetBatch([0, index]));
        Refuses("indices", () => words.GetBatch([index]));
        Refuses("indices", () => table.Select([0, index]));
        Refuses("index", () => table[index]);
        Refuses("index", () => images[index]);
        Refuses("index", () => images.Pixels(index).ToArray());
        Refuses("index", () => tensors[index]);
        Refuses("index", () => new ConcatDataset<string>(new Words(3))[index]);
        Refuses("row", () => CsvTable.Parse("a\n1\n2\n3\n")[index, "a"]);

        void Refuses(string parameter, Func<object> call)
        {
            var error = Assert.Throws<ArgumentOutOfRangeException>(call);
            Assert.Equal(parameter, error.ParamName);
            Assert.Equal(index, error.ActualValue);
            Assert.Contains(parameter == "row" ? "3 rows" : "0 to 2", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void ImagesOfMoreValuesThanAnArrayHasAreRefused()
    {
        Assert.Equal("pixels", Assert.Throws<ArgumentException>(() =>
            new ImageDataset(new byte[3], new byte[1], int.MaxValue, 1)).ParamName);
        Assert.Equal("shape", Assert.Throws<ArgumentOutOfRangeException>(() =>
            new ImageDataset([], [], int.MaxValue, 7)).ParamName);
        Assert.Equal("shape", Assert.Throws<ArgumentOutOfRangeException>(() =>
            new ImageDataset([], [], new ImageShape(int.MaxValue, int.MaxValue, int.MaxValue))).ParamName);
    }

    [Fact]
    public void ASamplerThatChoosesAnotherSampleIsNamed()
    {
        var loader = new DataLoader<string>(new CollatedDataset<string, string>(new Words(1), samples => samples[0]),
            batchSize: 1, sampler: new WeightedSampler([0, 1], count: 1));
        Assert.Contains("WeightedSampler chose sample 1", Assert.Throws<InvalidOperationException>(() =>
            loader.First()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void WeightsDecideHowOftenASampleComes()
    {
        var sampler = new WeightedSampler([0, 1, 0, 3, 0], count: 4000);
        var loader = new DataLoader<int>(new CollatedDataset<int, int>(new Indices(), samples => samples[0]),
            sampler: sampler);
        Assert.Equal(4000, loader.Count);
        var counts = loader.CountBy(index => index).ToDictionary();
        Assert.Equal([1, 3], counts.Keys.Order());
        // 3,000 of 4,000 are expected; 5 standard deviations are 137.
        Assert.InRange(counts[3], 2863, 3137);
        Assert.Equal(loader.Batches(4), loader.Batches(4));
        Assert.NotEqual(loader.Batches(4), loader.Batches(5));
        Assert.Throws<ArgumentException>(() => new WeightedSampler([0, 0]));
        Assert.Throws<ArgumentException>(() => new WeightedSampler([1, double.NaN]));
        Assert.Throws<ArgumentException>(() =>
            new DataLoader<int[]>(new CollatedDataset<int, int[]>(new Indices(), x => x),
            shuffle: true, sampler: sampler));
    }

    [Fact]
    public void AnInvalidIndexFromASamplerIsReported()
    {
        var loader = new DataLoader<int[]>(new CollatedDataset<int, int[]>(new Indices(), x => x),
            sampler: new WeightedSampler([0, 0, 0, 0, 0, 0, 0, 1]));
        Assert.Contains("sample 7", Assert.Throws<InvalidOperationException>(() => loader.First()).Message,
            StringComparison.Ordinal);
    }

    private sealed class Words(int count) : IDataset<string>
    {
        public int Count => count;

        public string this[int index] => $"w{index}";
    }

    private sealed class Indices : IDataset<int>
    {
        public int Count => 5;

        public int this[int index] => index;
    }

    private sealed class Dice : IRandomDataset<int>
    {
        public int Count => 100;

        public int this[int index] => throw new InvalidOperationException("a loader gives the random numbers");

        public int GetSample(int index, ref SampleRandom random) => 1 + random.Next(6);
    }
}
