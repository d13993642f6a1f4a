// Parts of images.

namespace TorchScratch.Data;

/// <summary>Cuts out the middle.</summary>
public sealed class CenterCrop : IImageTransform
{
    private readonly int _height;
    private readonly int _width;

    /// <summary>A crop to a size.</summary>
    /// <param name="height">Rows of the result, no more than the image has.</param>
    /// <param name="width">Columns of the result; as many as rows if not given.</param>
    public CenterCrop(int height, int? width = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width ?? height, 1, nameof(width));
        (_height, _width) = (height, width ?? height);
    }

    /// <inheritdoc/>
    public ImageShape OutputShape(ImageShape input) => _height <= input.Height && _width <= input.Width
        ? input with { Height = _height, Width = _width }
        : throw new ShapeException($"CenterCrop: cannot cut {_height} x {_width} out of an image of {input}");

    /// <inheritdoc/>
    public void Apply(ReadOnlySpan<float> source, ImageShape shape, Span<float> target, ref SampleRandom random) =>
        Window.Copy(source, shape, target, OutputShape(shape), (shape.Height - _height) / 2,
            (shape.Width - _width) / 2, 0);
}

/// <summary>Pads the image on all sides and cuts out a part at random, as in training on CIFAR.</summary>
public sealed class RandomCrop : IImageTransform
{
    private readonly int _height;
    private readonly int _width;
    private readonly int _padding;
    private readonly float _fill;

    /// <summary>A crop to a size; <c>new RandomCrop(32, padding: 4)</c> shifts images of 32 x 32 by up to 4.</summary>
    /// <param name="size">Rows and columns of the result.</param>
    /// <param name="padding">What is added on each of the four sides first.</param>
    /// <param name="fill">The value of what is added; 0 is the mean colour of normalized images.</param>
    public RandomCrop(int size, int padding = 0, float fill = 0)
        : this(size, size, padding, fill)
    {
    }

    /// <inheritdoc cref="RandomCrop(int, int, float)"/>
    /// <param name="height">Rows of the result.</param>
    /// <param name="width">Columns of the result.</param>
    /// <param name="padding">What is added on each of the four sides first.</param>
    /// <param name="fill">The value of what is added; 0 is the mean colour of normalized images.</param>
    public RandomCrop(int height, int width, int padding, float fill)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(padding);
        // Its double, and the image's size, stay in the range of an int.
        ArgumentOutOfRangeException.ThrowIfGreaterThan(padding, 1 << 20);
        (_height, _width, _padding, _fill) = (height, width, padding, fill);
    }

    /// <inheritdoc/>
    public ImageShape OutputShape(ImageShape input) =>
        _height <= input.Height + 2L * _padding && _width <= input.Width + 2L * _padding
            ? input with { Height = _height, Width = _width }
            : throw new ShapeException($"RandomCrop: cannot cut {_height} x {_width} out of an image of {input} with " +
                $"padding {_padding}");

    /// <inheritdoc/>
    public void Apply(ReadOnlySpan<float> source, ImageShape shape, Span<float> target, ref SampleRandom random)
    {
        var output = OutputShape(shape);
        var top = random.Next(shape.Height + 2 * _padding - _height + 1) - _padding;
        var left = random.Next(shape.Width + 2 * _padding - _width + 1) - _padding;
        Window.Copy(source, shape, target, output, top, left, _fill);
    }
}

/// <summary>Copies a rectangle that may reach beyond the image.</summary>
internal static class Window
{
    public static void Copy(ReadOnlySpan<float> source, ImageShape shape, Span<float> target, ImageShape output,
        int top, int left, float fill)
    {
        // Columns of the result that lie in the image.
        var first = Math.Clamp(-left, 0, output.Width);
        var end = Math.Clamp(shape.Width - left, first, output.Width);
        for (var channel = 0; channel < output.Channels; channel++)
        {
            for (var y = 0; y < output.Height; y++)
            {
                var row = target.Slice((channel * output.Height + y) * output.Width, output.Width);
                var sourceY = y + top;
                if ((uint)sourceY >= (uint)shape.Height)
                {
                    row.Fill(fill);
                    continue;
                }
                row[..first].Fill(fill);
                var start = (channel * shape.Height + sourceY) * shape.Width + left;
                // A window beside the image has nothing to copy, and its place may lie outside the source.
                if (first < end)
                    source[(start + first)..(start + end)].CopyTo(row[first..]);
                row[end..].Fill(fill);
            }
        }
    }
}
