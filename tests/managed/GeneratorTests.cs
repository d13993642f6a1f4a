// Random number generators, and filling tensors with random numbers, through the C# API.

namespace TorchScratch.Tests;

public class GeneratorTests
{
    [Fact]
    public void AGeneratorIsASeparateStream()
    {
        Runtime.ManualSeed(3);
        var expected = Tensor.Rand(4).ToArray<float>();
        var state = Runtime.RandomState;
        using var generator = new Generator(3);
        using (generator.Use())
        {
            Assert.Equal(expected, Tensor.Rand(4).ToArray<float>());
            using (new Generator(4).Use())
                Assert.NotEqual(expected, Tensor.Rand(4).ToArray<float>());
            Assert.NotEqual(expected, Tensor.Rand(4).ToArray<float>());
        }
        Assert.Equal(state, Runtime.RandomState);
        using (generator.ManualSeed(3).Use())
            Assert.Equal(expected, Tensor.Rand(4).ToArray<float>());
        generator.State = new RandomState(3, 0);
        Assert.Equal(3UL, generator.State.Seed);
        var scope = generator.Use();
        generator.Dispose();
        Assert.Equal(expected, Tensor.Rand(4).ToArray<float>());
        scope.Dispose();
        Assert.Throws<ObjectDisposedException>(() => generator.State);
    }

    [Fact]
    public void TheGeneratorInUseBelongsToTheThread()
    {
        using var generator = new Generator(8);
        using var scope = generator.Use();
        var before = generator.State;
        var thread = new Thread(() => Tensor.Rand(4));
        thread.Start();
        thread.Join();
        Assert.Equal(before, generator.State);
        Tensor.Rand(4);
        Assert.NotEqual(before, generator.State);
    }

    [Fact]
    public void TensorsAreFilledInPlace()
    {
        Runtime.ManualSeed(1);
        var x = Tensor.Empty([10_000], DType.Float64);
        // The bounds are six standard errors of the mean of ten thousand numbers.
        Assert.InRange(x.Exponential_(2).Mean().ToDouble(), 0.5 - 0.03, 0.5 + 0.03);
        Assert.InRange(x.Geometric_(0.5).Mean().ToDouble(), 2 - 0.085, 2 + 0.085);
        Assert.InRange(x.Bernoulli_(0.25).Mean().ToDouble(), 0.25 - 0.026, 0.25 + 0.026);
        Assert.InRange(x.Bernoulli_(Tensor.FromArray([1.0])).Mean().ToDouble(), 1, 1);
        Assert.InRange(x.Random_(0, 3).Max().ToDouble(), 2, 2);
        Assert.True(x.LogNormal_(0, 1).Min().ToDouble() > 0);
        Assert.InRange(x.Cauchy_(5, 1).Median().ToDouble(), 5 - 0.1, 5 + 0.1);
        Assert.Same(x, x.Normal_().Uniform_());
        Assert.Throws<ValueException>(() => x.Exponential_(0));
        Assert.Throws<ValueException>(() => x.Bernoulli_(2));
    }

    [Fact]
    public void RandomTensorsHaveShapesTypesAndValues()
    {
        var picks = Tensor.FromArray([0f, 1f, 0f, 3f]).Multinomial(2).ToArray<long>();
        Assert.Equal([1L, 3L], picks.Order());
        Assert.Equal([2L, 3], Tensor.RandLike(Tensor.Zeros((2, 3))).Shape.ToArray());
        Assert.Equal(DType.Float64, Tensor.RandnLike(Tensor.Zeros(2, DType.Float64)).DType);
        Assert.Equal(DType.Int64, Tensor.RandInt(5, 4).DType);
        Assert.Equal([7.0, 9.0], Tensor.Normal(Tensor.FromArray([7.0, 9.0]), 0.0).ToArray<double>());
    }
}
