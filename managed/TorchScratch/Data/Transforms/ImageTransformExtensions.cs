// Applies transforms to tensors and to data sets.

namespace TorchScratch.Data;

/// <summary>Applies image transforms to tensors and to data sets.</summary>
public static class ImageTransformExtensions
{
    /// <summary>Transforms one image or a batch of images; the tensor itself is not changed.</summary>
    /// <param name="transform">The transform.</param>
    /// <param name="images">(C, H, W) or (N, C, H, W), Float32, on the CPU.</param>
    /// <param name="random">The random numbers, used for one image after the other.</param>
    /// <returns>(C, H', W') or (N, C, H', W').</returns>
    /// <exception cref="ShapeException">
    /// The tensor has another number of dimensions, or a size that the transform does not support.
    /// </exception>
    /// <exception cref="DTypeException">The tensor is not Float32.</exception>
    public static Tensor Apply(this IImageTransform transform, Tensor images, ref SampleRandom random)
    {
        ArgumentNullException.ThrowIfNull(transform);
        var shape = ShapeOf(images, "Apply");
        using var contiguous = images.Contiguous();
        var result = Tensor.Empty(images.NDim == 3 ? Size(transform.OutputShape(shape))
            : [images.Size(0), .. Size(transform.OutputShape(shape))], DType.Float32, Device.Cpu);
        var source = contiguous.AsSpan<float>();
        var target = result.AsSpan<float>();
        var length = transform.OutputShape(shape).Count;
        for (; target.Length > 0; source = source[shape.Count..], target = target[length..])
            transform.Apply(source[..shape.Count], shape, target[..length], ref random);
        return result;
    }

    /// <summary>A data set whose images are transformed when batches are made, differently in each epoch.</summary>
    /// <param name="dataset">The data set, whose batches hold images (N, C, H, W) of Float32.</param>
    /// <param name="image">The transform of the images; null for none.</param>
    /// <param name="target">The transform of the targets, such as <c>new OneHot(10).Apply</c>; null for none.</param>
    public static TransformedDataset Transform(this IBatchDataset<Batch> dataset, IImageTransform? image,
        Func<Tensor, Tensor>? target = null)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        return new(dataset, image, target);
    }

    internal static ImageShape ShapeOf(Tensor images, string what)
    {
        ArgumentNullException.ThrowIfNull(images);
        if (images.NDim is not (3 or 4))
            throw new ShapeException($"{what}: images must be (C, H, W) or (N, C, H, W), got {images.ShapeText}");
        return new ImageShape(checked((int)images.Size(-3)), checked((int)images.Size(-2)),
            checked((int)images.Size(-1)));
    }

    internal static long[] Size(ImageShape shape) => [shape.Channels, shape.Height, shape.Width];
}
