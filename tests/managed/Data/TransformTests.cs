// Image transforms, and that their random numbers depend on seed, epoch and index alone.

using TorchScratch.Data;

namespace TorchScratch.Tests.Data;

public class TransformTests
{
    private static readonly float[] Counting = [.. Enumerable.Range(1, 2 * 4 * 5).Select(i => (float)i)];
    private static readonly ImageShape Shape = new(2, 4, 5);

    [Fact]
    public void TheMiddleIsCutOut()
    {
        Assert.Equal([7, 8, 9, 12, 13, 14, 27, 28, 29, 32, 33, 34], Run(new CenterCrop(2, 3)));
        var error = Assert.Throws<ShapeException>(() => Run(new CenterCrop(5)));
        Assert.Contains("2 x 4 x 5", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void EveryCropOccursAndIsAPartOfThePaddedImage()
    {
        var crop = new RandomCrop(4, 5, padding: 1, fill: -1);
        var padded = new float[2, 6, 7];
        for (var c = 0; c < 2; c++)
        {
            for (var y = 0; y < 6; y++)
            {
                for (var x = 0; x < 7; x++)
                    padded[c, y, x] = y is 0 or 5 || x is 0 or 6 ? -1 : Counting[(c * 4 + y - 1) * 5 + x - 1];
            }
        }
        var expected = new HashSet<string>();
        for (var top = 0; top < 3; top++)
        {
            for (var left = 0; left < 3; left++)
                expected.Add(Text(Part(top, left)));
        }
        Assert.Equal(9, expected.Count);
        var seen = Enumerable.Range(0, 300).Select(i => Text(Run(crop, (ulong)i))).ToHashSet();
        Assert.Equal(expected, seen);

        IEnumerable<float> Part(int top, int left)
        {
            for (var c = 0; c < 2; c++)
            {
                for (var y = 0; y < 4; y++)
                {
                    for (var x = 0; x < 5; x++)
                        yield return padded[c, y + top, x + left];
                }
            }
        }

        static string Text(IEnumerable<float> values) => string.Join(' ', values);
    }

    [Fact]
    public void FlipsMirrorRowsOrColumns()
    {
        float[] across = [.. Counting.Chunk(5).SelectMany(row => row.Reverse())];
        float[] down = [.. Counting.Chunk(20).SelectMany(plane => plane.Chunk(5).Reverse().SelectMany(row => row))];
        Assert.Equal(across, Run(new RandomHorizontalFlip(1)));
        Assert.Equal(down, Run(new RandomVerticalFlip(1)));
        Assert.Equal(Counting, Run(new RandomHorizontalFlip(0)));
        // 1,000 coin tosses: 5 standard deviations are 79.
        var flipped = Enumerable.Range(0, 1000).Count(i => Run(new RandomHorizontalFlip(), (ulong)i)[0] == across[0]);
        Assert.InRange(flipped, 421, 579);
        Assert.Throws<ArgumentOutOfRangeException>(() => new RandomHorizontalFlip(1.5f));
    }

    [Fact]
    public void CutoutBlanksTheSameRectangleInEachChannel()
    {
        var blanks = new HashSet<int>();
        for (var seed = 0UL; seed < 200; seed++)
        {
            var result = Run(new Cutout(2, fill: -7), seed);
            var places = Enumerable.Range(0, 20).Where(i => result[i] == -7).ToArray();
            Assert.InRange(places.Length, 1, 4);
            Assert.Equal(places, Enumerable.Range(0, 20).Where(i => result[20 + i] == -7));
            Assert.All(Enumerable.Range(0, 40).Where(i => result[i] != -7), i => Assert.Equal(Counting[i], result[i]));
            blanks.UnionWith(places);
        }
        Assert.Equal(20, blanks.Count);
    }

    [Fact]
    public void NormalizeTakesEachChannelsNumbers()
    {
        var result = Run(new Normalize([1, 20], [2, 5]));
        for (var i = 0; i < 40; i++)
            Assert.Equal(i < 20 ? (Counting[i] - 1) / 2 : (Counting[i] - 20) / 5, result[i], 1e-6);
        Assert.Throws<ShapeException>(() => Run(new Normalize([1, 2, 3], [1, 1, 1])));
        Assert.Throws<ArgumentException>(() => new Normalize([1], [0]));
    }

    [Fact]
    public void AMapWithoutAmountsChangesNothing() => Assert.Equal(Counting, Run(new RandomAffine()));

    [Fact]
    public void AnAffineMapSamplesBetweenPixels()
    {
        // A rotation by 180 degrees about the centre maps pixels exactly to pixels.
        var turned = new float[40];
        new AffineMap(-1, 0, 0, -1, 0, 0).Sample(Counting, Shape, turned, -9);
        Assert.Equal(Counting.Chunk(20).SelectMany(plane => plane.Reverse()), turned);

        // Shifted right by half a pixel: means of two neighbours, and of the first pixel and the fill value.
        var shifted = new float[40];
        new AffineMap(1, 0, 0, 1, 0.5f, 0).Sample(Counting, Shape, shifted, -9);
        for (var i = 0; i < 40; i++)
            Assert.Equal((Counting[i] + (i % 5 == 0 ? -9 : Counting[i - 1])) / 2, shifted[i], 1e-5);

        // Scaled by 2: half the differences between neighbours.
        var doubled = new float[40];
        new AffineMap(0.5f, 0, 0, 0.5f, 0, 0).Sample(Counting, Shape, doubled, -9);
        for (var i = 0; i < 20; i++)
            Assert.Equal(1 + 5 * (0.5 * (i / 5 - 1.5) + 1.5) + 0.5 * (i % 5 - 2) + 2, doubled[i], 1e-4);
    }

    [Fact]
    public void RandomMapsDifferAndStayInTheImagesRange()
    {
        var affine = new RandomAffine(degrees: 15, translate: 0.1f, minScale: 0.9f, maxScale: 1.1f, shear: 10, fill: 5);
        var first = Run(affine, 1);
        Assert.NotEqual(first, Run(affine, 2));
        Assert.Equal(first, Run(affine, 1));
        Assert.All(first, value => Assert.InRange(value, 1, 40));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RandomAffine(degrees: float.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RandomAffine(minScale: 2));
    }

    [Fact]
    public void ChainsApplyInOrder()
    {
        var chain = new Compose(new RandomHorizontalFlip(1), new CenterCrop(2, 3), new Normalize([1], [2]),
            new RandomVerticalFlip(1));
        Assert.Equal(new ImageShape(2, 2, 3), chain.OutputShape(Shape));
        Assert.Equal([6.5f, 6, 5.5f, 4, 3.5f, 3, 16.5f, 16, 15.5f, 14, 13.5f, 13], Run(chain));
        Assert.Equal(Counting, Run(new Compose()));
    }

    [Fact]
    public void TensorsAreTransformedToo()
    {
        using var image = Tensor.From<float>(Counting, [2, 4, 5]);
        var random = new SampleRandom(1);
        using var one = new CenterCrop(2, 3).Apply(image, ref random);
        Assert.Equal([2, 2, 3], one.Shape);
        using var batch = image.Reshape([1, 2, 4, 5]).Expand([3, 2, 4, 5]);
        using var many = new CenterCrop(2, 3).Apply(batch, ref random);
        Assert.Equal([3, 2, 2, 3], many.Shape);
        Assert.Equal(one.ToArray<float>(), many.ToArray<float>()[12..24]);
        Assert.Equal(Counting, image.ToArray<float>());
        Assert.Throws<ShapeException>(() => new CenterCrop(2).Apply(Tensor.Ones([2, 2]), ref random));
    }

    [Fact]
    public void ClassesBecomeVectors()
    {
        using var labels = Tensor.FromArray([2L, 0L]);
        using var hot = new OneHot(3).Apply(labels);
        Assert.Equal([0, 0, 1, 1, 0, 0], hot.ToArray<float>());
        using var soft = new OneHot(4, smoothing: 0.2f).Apply(labels);
        Assert.Equal([0.05f, 0.05f, 0.85f, 0.05f, 0.85f, 0.05f, 0.05f, 0.05f], soft.ToArray<float>(),
            (a, b) => Math.Abs(a - b) < 1e-6);
        Assert.Throws<TensorIndexException>(() => new OneHot(2).Apply(labels));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void ChanceFollowsFromSeedEpochAndIndexAlone(int workers)
    {
        var augmented = DrawnDigits.Create(100).Transform(new Compose(new RandomCrop(28, padding: 3),
            new RandomHorizontalFlip(),
            new RandomAffine(10, 0.1f, 0.9f, 1.1f, 5), new Cutout(8)), new OneHot(10).Apply);
        var alone = new DataLoader(augmented, batchSize: 16, shuffle: true, seed: 3);
        var helped = new DataLoader(augmented, batchSize: 16, shuffle: true, seed: 3, workers: workers);
        for (var epoch = 0; epoch < 2; epoch++)
        {
            foreach (var (expected, actual) in alone.Zip(helped))
            {
                Assert.Equal(expected.Inputs.ToArray<float>(), actual.Inputs.ToArray<float>());
                Assert.Equal(expected.Targets.ToArray<float>(), actual.Targets.ToArray<float>());
            }
        }
        // Sample 7 is the same in any batch, but differs in another epoch or with another seed.
        var apart = augmented.GetBatch([7], new EpochSeed(3, 1)).Inputs.ToArray<float>();
        Assert.Equal(apart, augmented.GetBatch([5, 7], new EpochSeed(3, 1)).Inputs[1].ToArray<float>());
        Assert.NotEqual(apart, augmented.GetBatch([7], new EpochSeed(3, 2)).Inputs.ToArray<float>());
        Assert.NotEqual(apart, augmented.GetBatch([7], new EpochSeed(4, 1)).Inputs.ToArray<float>());
    }

    [Fact]
    public void AFailedTransformFreesItsBatch()
    {
        var digits = DrawnDigits.Create(10).Transform(new CenterCrop(20), _ =>
            throw new InvalidOperationException("no"));
        var before = Runtime.AllocatorStatistics.LiveBytes;
        Assert.Throws<InvalidOperationException>(() => digits.GetBatch([1, 2]));
        // Fewer tensors are possible if garbage of earlier tests was collected in the meantime.
        Assert.InRange(Runtime.AllocatorStatistics.LiveBytes, 0, before);
    }

    private static float[] Run(IImageTransform transform, ulong seed = 0)
    {
        var random = new SampleRandom(seed);
        var result = new float[transform.OutputShape(Shape).Count];
        Array.Fill(result, float.NaN);
        transform.Apply(Counting, Shape, result, ref random);
        return result;
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 5)]
    [InlineData(5, 1)]
    [InlineData(2, 2)]
    public void ImagesMayBeAsSmallAsAPixel(int height, int width)
    {
        var random = new EpochSeed(3, 0).ForSample(0);
        IImageTransform[] transforms = [new RandomHorizontalFlip(1), new RandomVerticalFlip(1), new Cutout(9),
            new RandomAffine(180, 1, 0.5f, 2, 45), new RandomCrop(height, width, 3, 0), new CenterCrop(1),
            new Normalize([0.5f], [2]), new Compose()];
        foreach (var transform in transforms.Append(new Compose(transforms)))
        {
            foreach (var channels in new[] { 1, 3 })
            {
                var result = transform.Apply(Tensor.Rand([channels, height, width]), ref random);
                Assert.Equal(channels, result.Size(0));
                Assert.All(result.ToArray<float>(), value => Assert.True(float.IsFinite(value)));
            }
        }
        Assert.Throws<ShapeException>(() =>
        {
            var stream = new EpochSeed(3, 0).ForSample(0);
            return new CenterCrop(6).Apply(Tensor.Rand([1, height, width]), ref stream);
        });
        Assert.Throws<ArgumentOutOfRangeException>(() => new RandomCrop(1, padding: int.MaxValue));
        Assert.Throws<DTypeException>(() =>
        {
            var stream = new EpochSeed(3, 0).ForSample(0);
            return new Compose().Apply(Tensor.Zeros([1, height, width], DType.Float64), ref stream);
        });
    }

    [Fact]
    public void SpansOfAnotherLengthAreRefusedBeforeAnythingIsWritten()
    {
        IImageTransform[] transforms = [new RandomHorizontalFlip(1), new RandomVerticalFlip(1), new Cutout(9),
            new RandomAffine(180, 1, 0.5f, 2, 45), new RandomCrop(2, 2, 0, 0), new CenterCrop(2),
            new Normalize([0.5f], [2]), new Compose(), new Compose(new Cutout(1), new RandomVerticalFlip(1))];
        var shape = new ImageShape(1, 2, 2);
        foreach (var transform in transforms)
        {
            foreach (var (source, target, given) in new[] { (3, 4, shape), (4, 3, shape), (5, 4, shape),
                (0, 0, new ImageShape(0, int.MaxValue, int.MaxValue)), (4, 4, new ImageShape(-1, -2, 2)) })
            {
                var result = Enumerable.Repeat(7f, target).ToArray();
                var error = Assert.ThrowsAny<Exception>(() =>
                {
                    var stream = new EpochSeed(3, 0).ForSample(0);
                    transform.Apply(new float[source], given, result, ref stream);
                });
                Assert.True(error is ArgumentException or ShapeException, error.ToString());
                Assert.Contains(error is ShapeException ? ":" : transform.GetType().Name, error.Message);
                Assert.All(result, value => Assert.Equal(7f, value));
            }
        }
    }
}
