// Labelled images in memory, stored as bytes and converted when batches are made.

namespace TorchScratch.Data;

/// <summary>
/// Labelled images in memory, one byte per value, which are converted to floating point only when batches are made. A
/// batch consists of images (N, C, H, W) of Float32 and labels (N) of Int64.
/// </summary>
public sealed class ImageDataset : IBatchDataset<Batch>, IDataset<(Tensor Input, Tensor Target)>
{
    private readonly byte[] _pixels;
    private readonly byte[] _labels;
    private readonly Normalization[] _normalizations;

    /// <summary>Creates a data set of grey images over arrays, which are not copied.</summary>
    /// <param name="pixels">The pixels, image by image, row by row.</param>
    /// <param name="labels">The class of each image.</param>
    /// <param name="height">The number of rows of an image.</param>
    /// <param name="width">The number of pixels in a row.</param>
    /// <param name="normalization">
    /// How bytes are converted to numbers; <see cref="Normalization.None"/> if not given.
    /// </param>
    /// <exception cref="ArgumentException">The lengths of the arrays do not match the shape.</exception>
    public ImageDataset(byte[] pixels, byte[] labels, int height, int width, Normalization? normalization = null)
        : this(pixels, labels, new ImageShape(1, height, width), [normalization ?? Normalization.None])
    {
    }

    /// <summary>
    /// Creates a data set of images with any number of channels over arrays, which are not copied.
    /// </summary>
    /// <param name="pixels">The values, image by image, channel by channel, row by row.</param>
    /// <param name="labels">The class of each image.</param>
    /// <param name="shape">The size of an image.</param>
    /// <param name="normalizations">
    /// How bytes are converted to numbers: one entry for each channel, or one for all; <see cref="Normalization.None"/>
    /// if there are none.
    /// </param>
    /// <exception cref="ArgumentException">The lengths of the arrays do not match the shape.</exception>
    public ImageDataset(byte[] pixels, byte[] labels, ImageShape shape,
        params IReadOnlyList<Normalization> normalizations)
    {
        ArgumentNullException.ThrowIfNull(pixels);
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentNullException.ThrowIfNull(normalizations);
        shape.ThrowIfEmpty(nameof(shape));
        // Three sizes can exceed 64 bits.
        var values = (Int128)shape.Channels * shape.Height * shape.Width;
        if (values > int.MaxValue)
            throw new ArgumentOutOfRangeException(nameof(shape), shape, $"an image has at most {int.MaxValue} values");
        var expected = (long)values * labels.Length;
        if (pixels.Length != expected)
        {
            throw new ArgumentException($"{labels.Length} labels need images of {shape} with {expected} values in all, " +
                $"got {pixels.Length}", nameof(pixels));
        }
        if (normalizations.Count > 1 && normalizations.Count != shape.Channels)
        {
            throw new ArgumentException($"expected one normalization for each of the {shape.Channels} channels or " +
                $"one for all, got {normalizations.Count}", nameof(normalizations));
        }
        _pixels = pixels;
        _labels = labels;
        Shape = shape;
        _normalizations = new Normalization[shape.Channels];
        for (var i = 0; i < _normalizations.Length; i++)
        {
            _normalizations[i] = normalizations.Count == 0
                ? Normalization.None
                : normalizations[Math.Min(i, normalizations.Count - 1)];
        }
        ClassCount = labels.Length == 0 ? 0 : labels.Max() + 1;
    }

    /// <summary>The number of images.</summary>
    public int Count => _labels.Length;

    /// <summary>The size of an image.</summary>
    public ImageShape Shape { get; }

    /// <summary>The number of rows of an image.</summary>
    public int Height => Shape.Height;

    /// <summary>The number of pixels in a row.</summary>
    public int Width => Shape.Width;

    /// <summary>How bytes are converted to numbers, channel by channel.</summary>
    public ReadOnlySpan<Normalization> Normalizations => _normalizations;

    /// <summary>One more than the largest label.</summary>
    public int ClassCount { get; }

    /// <summary>The names of the classes, if known.</summary>
    public IReadOnlyList<string>? ClassNames { get; init; }

    /// <summary>The labels of all images.</summary>
    public ReadOnlySpan<byte> Labels => _labels;

    /// <summary>The image (C, H, W) and its label (0-d).</summary>
    public (Tensor Input, Tensor Target) this[int index]
    {
        get
        {
            SampleIndices.Check(index, Count);
            return (MakeImages([index], [Shape.Channels, Height, Width]), MakeLabels([index], []));
        }
    }

    /// <inheritdoc/>
    public Batch GetBatch(ReadOnlySpan<int> indices)
    {
        SampleIndices.Check(indices, Count);
        return new(MakeImages(indices, [indices.Length, Shape.Channels, Height, Width]),
            MakeLabels(indices, [indices.Length]));
    }

    /// <summary>The bytes of one image, channel by channel, row by row.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such image.</exception>
    public ReadOnlySpan<byte> Pixels(int index)
    {
        SampleIndices.Check(index, Count);
        return _pixels.AsSpan(index * Shape.Count, Shape.Count);
    }

    /// <summary>A data set of the first images, with a copy of their bytes.</summary>
    /// <param name="count">The number of images; this data set itself is returned if it does not have more.</param>
    public ImageDataset Take(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return count >= Count
            ? this
            : new ImageDataset(_pixels[..(count * Shape.Count)], _labels[..count], Shape, _normalizations)
            {
                ClassNames = ClassNames,
            };
    }

    private Tensor MakeImages(ReadOnlySpan<int> indices, ReadOnlySpan<long> shape)
    {
        var plane = Shape.PlaneCount;
        var tensor = Tensor.Empty(shape, DType.Float32, Device.Cpu);
        var target = tensor.AsSpan<float>();
        foreach (var index in indices)
        {
            var pixels = Pixels(index);
            foreach (var normalization in _normalizations)
            {
                normalization.Apply(pixels[..plane], target[..plane]);
                pixels = pixels[plane..];
                target = target[plane..];
            }
        }
        return tensor;
    }

    private Tensor MakeLabels(ReadOnlySpan<int> indices, ReadOnlySpan<long> shape)
    {
        var tensor = Tensor.Empty(shape, DType.Int64, Device.Cpu);
        var target = tensor.AsSpan<long>();
        for (var i = 0; i < indices.Length; i++)
            target[i] = _labels[indices[i]];
        return tensor;
    }
}
