// Transforms of tensors, outside a data loader.

namespace TorchScratch.Data;

/// <summary>Applies image transforms to tensors and to data sets.</summary>
public static class ImageTransformExtensions
{
    /// <summary>One image or a batch of them, changed; the tensor itself stays as it is.</summary>
    /// <param name="transform">The change.</param>
    /// <param name="images">(C, H, W) or (N, C, H, W), Float32, on the CPU.</param>
    /// <param name="random">Random numbers; image after image takes its share.</param>
    /// <returns>(C, H', W') or (N, C, H', W').</returns>
    /// <exception cref="ShapeException">The tensor has another number of dimensions, or a size that does not fit.</exception>
    /// <exception cref="DTypeException">The tensor is not Float32.</exception>
    public static Tensor Apply(this IImageTransform transform, Tensor images, ref SampleRandom random)
    {
        ArgumentNullException.ThrowIfNull(transform);
        var shape = ShapeOf(images, "Apply");
        using var contiguous = images.Contiguous();
        var result = Tensor.Empty(images.NDim == 3 ? Size(transform.OutputShape(shape))
            : [images.Size(0), .. Size(transform.OutputShape(shape))]);
        var source = contiguous.AsSpan<float>();
        var target = result.AsSpan<float>();
        var length = transform.OutputShape(shape).Count;
        for (; target.Length > 0; source = source[shape.Count..], target = target[length..])
            transform.Apply(source[..shape.Count], shape, target[..length], ref random);
        return result;
    }

    /// <summary>A data set whose images are changed as batches are made, anew in each epoch.</summary>
    /// <param name="dataset">Makes batches of images, (N, C, H, W) of Float32.</param>
    /// <param name="image">The change of the images; none if null.</param>
    /// <param name="target">A change of the targets, such as <c>new OneHot(10).Apply</c>; none if null.</param>
    public static TransformedDataset Transform(this IBatchDataset<Batch> dataset, IImageTransform? image,
        Func<Tensor, Tensor>? target = null) => new(dataset, image, target);

    internal static ImageShape ShapeOf(Tensor images, string what)
    {
        ArgumentNullException.ThrowIfNull(images);
        if (images.NDim is not (3 or 4))
            throw new ShapeException($"{what}: images are (C, H, W) or (N, C, H, W), got {images.ShapeText}");
        return new ImageShape(checked((int)images.Size(-3)), checked((int)images.Size(-2)), checked((int)images.Size(-1)));
    }

    internal static long[] Size(ImageShape shape) => [shape.Channels, shape.Height, shape.Width];
}
