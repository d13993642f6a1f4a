// A sequence of transforms.

using System.Buffers;
using System.Runtime.CompilerServices;

namespace TorchScratch.Data;

/// <summary>Applies transforms in order, each to the result of the previous one.</summary>
public sealed class Compose : IImageTransform
{
    private readonly IImageTransform[] _transforms;

    /// <summary>Creates a sequence of transforms; an empty one leaves images unchanged.</summary>
    public Compose(params ReadOnlySpan<IImageTransform> transforms)
    {
        foreach (var transform in transforms)
            ArgumentNullException.ThrowIfNull(transform, nameof(transforms));
        _transforms = transforms.ToArray();
    }

    /// <inheritdoc cref="Compose(ReadOnlySpan{IImageTransform})"/>
    [OverloadResolutionPriority(-1)]
    public Compose(params IImageTransform[] transforms)
        : this(new ReadOnlySpan<IImageTransform>(transforms ?? throw new ArgumentNullException(nameof(transforms))))
    {
    }

    /// <inheritdoc/>
    public ImageShape OutputShape(ImageShape input)
    {
        foreach (var transform in _transforms)
            input = transform.OutputShape(input);
        return input;
    }

    /// <inheritdoc/>
    public void Apply(ReadOnlySpan<float> source, ImageShape shape, Span<float> target, ref SampleRandom random)
    {
        ImageSpans.Check(nameof(Compose), source, shape, target, OutputShape(shape));
        if (_transforms.Length == 0)
        {
            source.CopyTo(target);
            return;
        }
        if (_transforms.Length == 1)
        {
            _transforms[0].Apply(source, shape, target, ref random);
            return;
        }
        var largest = shape.Count;
        var size = shape;
        foreach (var transform in _transforms)
        {
            size = transform.OutputShape(size);
            largest = Math.Max(largest, size.Count);
        }

        // Intermediate results alternate between two buffers; the last result goes to the target.
        var buffers = ArrayPool<float>.Shared.Rent(2 * largest);
        try
        {
            for (var i = 0; i < _transforms.Length; i++)
            {
                var output = _transforms[i].OutputShape(shape);
                var result = i == _transforms.Length - 1 ? target : buffers.AsSpan(i % 2 * largest, output.Count);
                _transforms[i].Apply(source, shape, result, ref random);
                source = result;
                shape = output;
            }
        }
        finally
        {
            ArrayPool<float>.Shared.Return(buffers);
        }
    }
}
