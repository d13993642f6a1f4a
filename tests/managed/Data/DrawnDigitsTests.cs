// The drawn digits.

using TorchScratch.Data;

namespace TorchScratch.Tests.Data;

public class DrawnDigitsTests
{
    [Fact]
    public void ASeedDecidesEveryPixel()
    {
        var first = DrawnDigits.Create(300, seed: 7);
        var again = DrawnDigits.Create(300, seed: 7);
        var other = DrawnDigits.Create(300, seed: 8);
        Assert.Equal(first.Labels.ToArray(), again.Labels.ToArray());
        for (var i = 0; i < first.Count; i++)
            Assert.True(first.Pixels(i).SequenceEqual(again.Pixels(i)));
        Assert.False(first.Labels.SequenceEqual(other.Labels));
    }

    [Fact]
    public void AnImageDoesNotDependOnTheirNumber()
    {
        var few = DrawnDigits.Create(10, seed: 7);
        var many = DrawnDigits.Create(100, seed: 7);
        for (var i = 0; i < few.Count; i++)
            Assert.True(few.Pixels(i).SequenceEqual(many.Pixels(i)));
    }

    [Fact]
    public void AllDigitsComeAboutEquallyOften()
    {
        const int Count = 10_000;
        var digits = DrawnDigits.Create(Count);
        Assert.Equal(10, digits.ClassCount);
        // The standard deviation of the binomial count, 1000, is 30; six of them are beyond chance.
        Assert.All(digits.Labels.ToArray().CountBy(label => label), pair => Assert.InRange(pair.Value, 820, 1180));
    }

    [Fact]
    public void TheInkIsLikeHandwriting()
    {
        var digits = DrawnDigits.Create(500, seed: 1);
        for (var i = 0; i < digits.Count; i++)
        {
            var ink = 0;
            foreach (var pixel in digits.Pixels(i))
                ink += pixel > 127 ? 1 : 0;
            Assert.InRange(ink, 10, 350);
        }
    }

    [Fact]
    public void NoTwoImagesAreTheSame()
    {
        var digits = DrawnDigits.Create(500, seed: 1);
        var seen = Enumerable.Range(0, digits.Count).Select(i => Convert.ToHexString(digits.Pixels(i))).ToHashSet();
        Assert.Equal(digits.Count, seen.Count);
    }
}
