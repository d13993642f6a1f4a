// Grey images with labels, kept as bytes: MNIST, its relatives, and the digits this program draws.

namespace TorchScratch.Data;

/// <summary>
/// Labelled grey images in memory, one byte a pixel; they become floating point only as batches are made. A batch is
/// images (N, 1, H, W) of Float32 and labels (N) of Int64.
/// </summary>
public sealed class ImageDataset : IBatchDataset<Batch>, IDataset<(Tensor Input, Tensor Target)>
{
    private readonly byte[] _pixels;
    private readonly byte[] _labels;

    /// <summary>A data set over arrays, which it keeps and does not copy.</summary>
    /// <param name="pixels">Rows of the images one after the other, image by image.</param>
    /// <param name="labels">One class for each image.</param>
    /// <param name="height">Rows of an image.</param>
    /// <param name="width">Pixels of a row.</param>
    /// <param name="normalization">How bytes become numbers; <see cref="Normalization.None"/> if not given.</param>
    /// <exception cref="ArgumentException">The arrays' lengths do not agree.</exception>
    public ImageDataset(byte[] pixels, byte[] labels, int height, int width, Normalization? normalization = null)
    {
        ArgumentNullException.ThrowIfNull(pixels);
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        if (pixels.Length != (long)labels.Length * height * width)
        {
            throw new ArgumentException($"{labels.Length} labels need images of {height} x {width} with " +
                $"{(long)labels.Length * height * width} pixels in all, got {pixels.Length}", nameof(pixels));
        }
        _pixels = pixels;
        _labels = labels;
        Height = height;
        Width = width;
        Normalization = normalization ?? Normalization.None;
        ClassCount = labels.Length == 0 ? 0 : labels.Max() + 1;
    }

    /// <summary>The number of images.</summary>
    public int Count => _labels.Length;

    /// <summary>Rows of an image.</summary>
    public int Height { get; }

    /// <summary>Pixels of a row.</summary>
    public int Width { get; }

    /// <summary>How bytes become numbers.</summary>
    public Normalization Normalization { get; }

    /// <summary>One more than the largest label.</summary>
    public int ClassCount { get; }

    /// <summary>The labels of all images.</summary>
    public ReadOnlySpan<byte> Labels => _labels;

    /// <summary>The image (1, H, W) and its label (0-d).</summary>
    public (Tensor Input, Tensor Target) this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
            return (MakeImages([index], [1, Height, Width]), MakeLabels([index], []));
        }
    }

    /// <inheritdoc/>
    public Batch GetBatch(ReadOnlySpan<int> indices) =>
        new(MakeImages(indices, [indices.Length, 1, Height, Width]), MakeLabels(indices, [indices.Length]));

    /// <summary>The bytes of one image, row by row.</summary>
    public ReadOnlySpan<byte> Pixels(int index) => _pixels.AsSpan(index * (Height * Width), Height * Width);

    /// <summary>The first images as a data set of their own, over the same arrays' contents.</summary>
    /// <param name="count">How many; all, if there are fewer.</param>
    public ImageDataset Take(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return count >= Count
            ? this
            : new ImageDataset(_pixels[..(count * Height * Width)], _labels[..count], Height, Width, Normalization);
    }

    private Tensor MakeImages(ReadOnlySpan<int> indices, ReadOnlySpan<long> shape)
    {
        var size = Height * Width;
        var tensor = Tensor.Empty(shape, DType.Float32);
        var target = tensor.AsSpan<float>();
        for (var i = 0; i < indices.Length; i++)
            Normalization.Apply(Pixels(indices[i]), target.Slice(i * size, size));
        return tensor;
    }

    private Tensor MakeLabels(ReadOnlySpan<int> indices, ReadOnlySpan<long> shape)
    {
        var tensor = Tensor.Empty(shape, DType.Int64);
        var target = tensor.AsSpan<long>();
        for (var i = 0; i < indices.Length; i++)
            target[i] = _labels[indices[i]];
        return tensor;
    }
}
