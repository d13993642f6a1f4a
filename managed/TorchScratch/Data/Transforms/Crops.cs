// Transforms that cut out a part of an image.

namespace TorchScratch.Data;

/// <summary>Cuts out the centre of an image.</summary>
public sealed class CenterCrop : IImageTransform
{
    private readonly int _height;
    private readonly int _width;

    /// <summary>Creates a crop to a size.</summary>
    /// <param name="height">The number of rows of the result, at most that of the image.</param>
    /// <param name="width">The number of columns of the result; equal to the rows if not given.</param>
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
    public void Apply(ReadOnlySpan<float> source, ImageShape shape, Span<float> target, ref SampleRandom random)
    {
        var output = OutputShape(shape);
        ImageSpans.Check(nameof(CenterCrop), source, shape, target, output);
        Window.Copy(source, shape, target, output, (shape.Height - _height) / 2, (shape.Width - _width) / 2, 0);
    }
}

/// <summary>
/// Pads the image on all sides and cuts out a part at a random position, as is usual for training on CIFAR.
/// </summary>
public sealed class RandomCrop : IImageTransform
{
    private readonly int _height;
    private readonly int _width;
    private readonly int _padding;
    private readonly float _fill;

    /// <summary>
    /// A crop to a size; <c>new RandomCrop(32, padding: 4)</c> shifts images of 32 x 32 by up to 4 pixels.
    /// </summary>
    /// <param name="size">The number of rows and columns of the result.</param>
    /// <param name="padding">The number of pixels added on each of the four sides.</param>
    /// <param name="fill">The value of the added pixels; 0 is the mean colour of normalized images.</param>
    public RandomCrop(int size, int padding = 0, float fill = 0)
        : this(size, size, padding, fill)
    {
    }

    /// <inheritdoc cref="RandomCrop(int, int, float)"/>
    /// <param name="height">The number of rows of the result.</param>
    /// <param name="width">The number of columns of the result.</param>
    /// <param name="padding">The number of pixels added on each of the four sides.</param>
    /// <param name="fill">The value of the added pixels; 0 is the mean colour of normalized images.</param>
    public RandomCrop(int height, int width, int padding, float fill)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(padding);
        // Twice the padding plus the size of the image must fit into an int.
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
        ImageSpans.Check(nameof(RandomCrop), source, shape, target, output);
        var top = random.Next(shape.Height + 2 * _padding - _height + 1) - _padding;
        var left = random.Next(shape.Width + 2 * _padding - _width + 1) - _padding;
        Window.Copy(source, shape, target, output, top, left, _fill);
    }
}

/// <summary>Copies a rectangle that may extend beyond the image.</summary>
internal static class Window
{
    public static void Copy(ReadOnlySpan<float> source, ImageShape shape, Span<float> target, ImageShape output,
        int top, int left, float fill)
    {
        // The columns of the result that lie inside the image.
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
                // A window outside the image has nothing to copy, and its indices may be out of range.
                if (first < end)
                    source[(start + first)..(start + end)].CopyTo(row[first..]);
                row[end..].Fill(fill);
            }
        }
    }
}
