// Splits of data sets, and statistics that are fitted on one part.

using TorchScratch.Data;

namespace TorchScratch.Tests.Data;

public class SplitTests
{
    private static readonly long[] Labels = [.. Enumerable.Range(0, 100).Select(i => i % 10 == 0 ? 1L : 0L)];

    [Fact]
    public void APartIsHeldOut()
    {
        var split = DataSplit.Random(101, 0.2, seed: 4);
        Assert.Equal((81, 20), (split.Train.Length, split.Test.Length));
        Assert.Equal(Enumerable.Range(0, 101), split.Train.Concat(split.Test).Order());
        Assert.Equal(split.Test, DataSplit.Random(101, 0.2, seed: 4).Test);
        Assert.NotEqual(split.Test, DataSplit.Random(101, 0.2, seed: 5).Test);
        Assert.Throws<ArgumentOutOfRangeException>(() => DataSplit.Random(10, 1));
        Assert.Equal("count",
            Assert.Throws<ArgumentOutOfRangeException>(() => DataSplit.Random(int.MaxValue, 0.5)).ParamName);
        Assert.Equal("count",
            Assert.Throws<ArgumentOutOfRangeException>(() => new KFold(2).Split(int.MaxValue)).ParamName);
    }

    [Fact]
    public void AStratifiedPartHasEachClassInProportion()
    {
        var split = DataSplit.Stratified(Labels, 0.3, seed: 1);
        Assert.Equal(30, split.Test.Length);
        Assert.Equal(3, split.Test.Count(i => Labels[i] == 1));
        Assert.Equal(Enumerable.Range(0, 100), split.Train.Concat(split.Test).Order());
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(7)]
    public void EachSampleIsTestedOnce(int folds)
    {
        var plain = new KFold(folds, seed: 2).Split(100);
        var stratified = new KFold(folds, seed: 2).Split(Labels);
        foreach (var parts in new[] { plain, stratified })
        {
            Assert.Equal(folds, parts.Count);
            Assert.Equal(Enumerable.Range(0, 100), parts.SelectMany(part => part.Test).Order());
            Assert.All(parts, part =>
            {
                Assert.InRange(part.Test.Length, 100 / folds, 100 / folds + 1);
                Assert.Equal(Enumerable.Range(0, 100), part.Train.Concat(part.Test).Order());
            });
        }
        Assert.All(stratified, part =>
            Assert.InRange(part.Test.Count(i => Labels[i] == 1), 10 / folds, 10 / folds + 1));
        Assert.NotEqual(plain[0].Test, new KFold(folds, seed: 3).Split(100)[0].Test);
        Assert.Throws<ArgumentOutOfRangeException>(() => new KFold(folds).Split(folds - 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new KFold(1));
    }

    [Fact]
    public void TestDataAreStandardizedWithTrainingStatistics()
    {
        float[] train = [1, 10, 7, 3, 10, 7, 8, 10, 7];
        var standardizer = Standardizer.Fit(train, 3);
        Assert.Equal([4, 10, 7], standardizer.Means.ToArray());
        Assert.Equal(Math.Sqrt((9 + 1 + 16) / 3.0), standardizer.Deviations[0], 1e-6);
        Assert.Equal(1, standardizer.Deviations[1]);
        float[] test = [4, 11, 6];
        standardizer.Apply(test);
        Assert.Equal([0, 1, -1], test);
        Assert.Throws<ArgumentException>(() => Standardizer.Fit(train, 2));
        Assert.Throws<ArgumentException>(() => new Standardizer([0], [0]));

        var data = new CsvDataset(CsvTable.Parse("a,b,c\n1,5,x\n2,5,y\n3,8,x\n"));
        var fitted = data.Standardize(Standardizer.Fit(data));
        Assert.Equal(0, fitted.Features[2], 1e-6);
        Assert.Equal(1, data.Features[0]);
        Assert.Equal(data.Classes.ToArray(), fitted.Classes.ToArray());
    }

    [Fact]
    public void AConstantColumnIsNotBlownUp()
    {
        var values = Enumerable.Repeat(0.1f, 1000).ToArray();
        var standardizer = Standardizer.Fit(values, 1);
        standardizer.Apply(values);
        Assert.All(values, value => Assert.InRange(value, -1e-6f, 1e-6f));
    }
}
