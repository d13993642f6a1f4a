// Resizes images.

namespace TorchScratch.Images;

/// <summary>
/// Bilinear interpolation with antialiasing, as in Pillow's BILINEAR and torchvision's antialias: each output pixel
/// is a weighted mean of source pixels. The weights form a triangle as wide as two output pixels, or two source
/// pixels if those are larger.
/// </summary>
internal static class ImageResizer
{
    /// <summary>Writes the resized image as numbers from 0 to 255, channel by channel, row by row.</summary>
    public static void Resize(DecodedImage image, int height, int width, ImageFit fit, Span<float> target)
    {
        var (sourceWidth, sourceHeight) = ((double)image.Width, (double)image.Height);
        if (fit == ImageFit.Crop)
        {
            // The largest part of the image with the aspect ratio of the target.
            sourceWidth = Math.Min(image.Width, image.Height * (double)width / height);
            sourceHeight = Math.Min(image.Height, image.Width * (double)height / width);
        }
        var columns = Weights((image.Width - sourceWidth) / 2, sourceWidth, image.Width, width);
        var rows = Weights((image.Height - sourceHeight) / 2, sourceHeight, image.Height, height);

        // First every row is resized to the target width, then every column of the result to the target height.
        var narrow = new float[checked(3 * image.Height * width)];
        for (var y = 0; y < image.Height; y++)
        {
            var source = image.Rgb.AsSpan(3 * y * image.Width, 3 * image.Width);
            for (var x = 0; x < width; x++)
            {
                var (start, weights) = columns[x];
                var (red, green, blue) = (0f, 0f, 0f);
                for (var i = 0; i < weights.Length; i++)
                {
                    var at = 3 * (start + i);
                    red += weights[i] * source[at];
                    green += weights[i] * source[at + 1];
                    blue += weights[i] * source[at + 2];
                }
                narrow[y * width + x] = red;
                narrow[(image.Height + y) * width + x] = green;
                narrow[(2 * image.Height + y) * width + x] = blue;
            }
        }
        target = target[..checked(3 * height * width)];
        target.Clear();
        for (var channel = 0; channel < 3; channel++)
        {
            for (var y = 0; y < height; y++)
            {
                var (start, weights) = rows[y];
                var result = target.Slice((channel * height + y) * width, width);
                for (var i = 0; i < weights.Length; i++)
                {
                    System.Numerics.Tensors.TensorPrimitives.MultiplyAdd(
                        narrow.AsSpan((channel * image.Height + start + i) * width, width), weights[i], result, result);
                }
            }
        }
    }

    // For each output position, the first source position and the weights from there on; they sum to 1.
    private static (int Start, float[] Weights)[] Weights(double begin, double length, int sources, int results)
    {
        var scale = length / results;
        var support = Math.Max(scale, 1);
        var all = new (int, float[])[results];
        for (var i = 0; i < results; i++)
        {
            var centre = begin + (i + 0.5) * scale;
            var first = Math.Clamp((int)Math.Floor(centre - support + 0.5), 0, sources - 1);
            var end = Math.Clamp((int)Math.Floor(centre + support + 0.5), first + 1, sources);
            var weights = new double[end - first];
            for (var j = 0; j < weights.Length; j++)
                weights[j] = Math.Max(0, 1 - Math.Abs(first + j + 0.5 - centre) / support);
            var sum = weights.Sum();
            all[i] = (first, Array.ConvertAll(weights, weight => (float)(weight / sum)));
        }
        return all;
    }
}
