// Windows of tokens.

using TorchScratch.Data;

namespace TorchScratch.Tests.Data;

public class TextDatasetTests
{
    private static readonly int[] Tokens = [.. Enumerable.Range(100, 50)];

    [Fact]
    public void WindowsBeginAtRegularPositions()
    {
        var text = TextDataset.Sequential(Tokens, blockLength: 4);
        Assert.Equal(12, text.Count);
        var (x, y) = text.GetBatch([0, 11]);
        Assert.Equal([2, 4], x.Shape);
        Assert.Equal([100, 101, 102, 103, 144, 145, 146, 147], x.ToArray<long>());
        Assert.Equal([101, 102, 103, 104, 145, 146, 147, 148], y.ToArray<long>());
        Assert.Equal(46, TextDataset.Sequential(Tokens, blockLength: 4, stride: 1).Count);
        Assert.Equal(1, TextDataset.Sequential(Tokens, blockLength: 49).Count);
        Assert.Throws<ArgumentException>(() => TextDataset.Sequential(Tokens, blockLength: 50));
    }

    [Fact]
    public void RandomWindowsDifferWithTheEpochNotWithTheWorkers()
    {
        var text = TextDataset.Random(Tokens, blockLength: 4, count: 400);
        Assert.Equal(400, text.Count);
        var alone = new DataLoader(text, batchSize: 32, seed: 8);
        var helped = new DataLoader(text, batchSize: 32, seed: 8, workers: 3);
        var first = alone.SelectMany(batch => batch.Inputs.ToArray<long>()).ToArray();
        Assert.Equal(first, helped.SelectMany(batch => batch.Inputs.ToArray<long>()));
        Assert.NotEqual(first, alone.SelectMany(batch => batch.Inputs.ToArray<long>()));
        // 400 windows at 46 positions: each position is missed with probability (45/46)^400, which is below 0.0002.
        Assert.InRange(first.Chunk(4).Select(window => window[0]).Distinct().Count(), 44, 46);
        Assert.Equal((100, 148), (first.Min(), first.Max()));
        foreach (var (x, y) in helped)
            Assert.Equal(x.ToArray<long>().Select(token => token + 1), y.ToArray<long>());
    }

    [Fact]
    public void TheEndIsForValidation()
    {
        var (train, validation) = TextDataset.Split(Tokens, 0.2);
        Assert.Equal(Tokens[..40], train);
        Assert.Equal(Tokens[40..], validation);
        Assert.Throws<ArgumentOutOfRangeException>(() => TextDataset.Split(Tokens, 0));
    }
}
