// A data set whose samples are transformed.

namespace TorchScratch.Data;

/// <summary>
/// Transforms the images of another data set when batches are made. The random numbers of a sample depend on the seed
/// of the loader, the epoch and the index of the sample, so they are the same with any number of workers.
/// </summary>
public sealed class TransformedDataset : IRandomBatchDataset<Batch>
{
    private readonly IBatchDataset<Batch> _source;
    private readonly IImageTransform? _image;
    private readonly Func<Tensor, Tensor>? _target;

    // Nested transformed data sets use separate streams of random numbers.
    private readonly int _stream;

    /// <summary>Creates a transformed view of a data set.</summary>
    /// <param name="source">The data set, whose batches hold images (N, C, H, W) of Float32.</param>
    /// <param name="image">The transform of the images; null for none.</param>
    /// <param name="target">
    /// The transform of the targets of a batch, such as <c>new OneHot(10).Apply</c>; null for none. It may be called
    /// from several threads at once.
    /// </param>
    public TransformedDataset(IBatchDataset<Batch> source, IImageTransform? image, Func<Tensor, Tensor>? target = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        _source = source;
        _image = image;
        _target = target;
        _stream = source is TransformedDataset inner ? inner._stream + 1 : 0;
    }

    /// <summary>The number of samples.</summary>
    public int Count => _source.Count;

    /// <summary>The batch of epoch 0 and seed 0.</summary>
    public Batch GetBatch(ReadOnlySpan<int> indices) => GetBatch(indices, default);

    /// <inheritdoc/>
    public Batch GetBatch(ReadOnlySpan<int> indices, EpochSeed epoch)
    {
        SampleIndices.Check(indices, Count);
        var batch = _source.GetBatchOf(indices, epoch);
        try
        {
            if (_image is not null)
                batch = Replace(batch, batch with { Inputs = Change(batch.Inputs, indices, epoch) });
            if (_target is not null)
                batch = Replace(batch, batch with { Targets = _target(batch.Targets) });
            return batch;
        }
        catch
        {
            batch.Dispose();
            throw;
        }
    }

    private Tensor Change(Tensor images, ReadOnlySpan<int> indices, EpochSeed epoch)
    {
        if (images.NDim != 4 || images.Size(0) != indices.Length)
        {
            throw new ShapeException($"TransformedDataset: expected a batch of {indices.Length} images (N, C, H, W), " +
                $"got {images.ShapeText}");
        }
        var shape = ImageTransformExtensions.ShapeOf(images, "TransformedDataset");
        var output = _image!.OutputShape(shape);
        using var contiguous = images.Contiguous();
        var source = contiguous.AsSpan<float>();
        long[] size = [indices.Length, .. ImageTransformExtensions.Size(output)];
        var result = Tensor.Empty(size, DType.Float32, Device.Cpu);
        var target = result.AsSpan<float>();
        try
        {
            for (var i = 0; i < indices.Length; i++)
            {
                BatchWork.ThrowIfUnwanted();
                var random = epoch.ForSample(indices[i], _stream);
                _image.Apply(source.Slice(i * shape.Count, shape.Count), shape,
                    target.Slice(i * output.Count, output.Count), ref random);
            }
            return result;
        }
        catch
        {
            result.Dispose();
            throw;
        }
    }

    // Freed at once, since the garbage collector would be late for batches of worker threads.
    private static Batch Replace(Batch old, Batch replacement)
    {
        if (!ReferenceEquals(old.Inputs, replacement.Inputs))
            old.Inputs.Dispose();
        if (!ReferenceEquals(old.Targets, replacement.Targets))
            old.Targets.Dispose();
        return replacement;
    }
}
