// Draws one digit: its strokes, randomly distorted, on a canvas of 28 x 28 bytes.

namespace TorchScratch.Data;

/// <summary>
/// The pen of <see cref="DrawnDigits"/>. It holds the buffers of one thread and is reused from image to image.
/// </summary>
internal sealed class DigitPen
{
    /// <summary>Rows and columns of an image.</summary>
    public const int Size = 28;

    private readonly float[] _ink = new float[Size * Size];
    private readonly float[] _points = new float[64];

    /// <summary>Draws a digit.</summary>
    /// <param name="digit">0 to 9.</param>
    /// <param name="random">The source of all variation.</param>
    /// <param name="image">Receives the 28 x 28 pixels, row by row.</param>
    public void Draw(int digit, ref SplitMix64 random, Span<byte> image)
    {
        Array.Clear(_ink);
        var hands = DigitStrokes.Hands[digit];
        var transform = Distortion.Random(ref random);
        var radius = random.NextSingle(0.55f, 1.65f);
        foreach (var stroke in hands[random.Next(hands.Length)])
            Draw(stroke, in transform, radius, ref random);
        Develop(ref random, image);
    }

    private void Draw(Stroke stroke, in Distortion transform, float radius, ref SplitMix64 random)
    {
        const float Tremor = 0.05f;
        var count = stroke.Points.Length / 2;
        for (var i = 0; i < count; i++)
        {
            var x = stroke.Points[2 * i] + random.NextSingle(-Tremor, Tremor);
            var y = stroke.Points[2 * i + 1] + random.NextSingle(-Tremor, Tremor);
            (_points[2 * i], _points[2 * i + 1]) = transform.Apply(x, y);
        }
        for (var i = 0; i + 1 < count; i++)
        {
            if (stroke.IsSmooth)
                DrawCurve(i, count, radius);
            else
                DrawSegment(_points[2 * i], _points[2 * i + 1], _points[2 * i + 2], _points[2 * i + 3], radius);
        }
    }

    // The curve between points i and i + 1. At the ends of the stroke the end point replaces its missing neighbour.
    private void DrawCurve(int i, int count, float radius)
    {
        var before = Math.Max(i - 1, 0);
        var after = Math.Min(i + 2, count - 1);
        var (x, y) = (_points[2 * i], _points[2 * i + 1]);
        for (var k = 1; k <= DigitStrokes.SegmentsPerCurvePoint; k++)
        {
            var t = (float)k / DigitStrokes.SegmentsPerCurvePoint;
            var nextX = DigitStrokes.Spline(_points[2 * before], _points[2 * i], _points[2 * i + 2],
                _points[2 * after], t);
            var nextY = DigitStrokes.Spline(_points[2 * before + 1], _points[2 * i + 1], _points[2 * i + 3],
                _points[2 * after + 1], t);
            DrawSegment(x, y, nextX, nextY, radius);
            (x, y) = (nextX, nextY);
        }
    }

    // Antialiased: the coverage of a pixel falls linearly from 1 to 0 as the distance of its centre from the segment
    // grows from half a pixel below to half a pixel above the radius of the pen.
    private void DrawSegment(float x0, float y0, float x1, float y1, float radius)
    {
        var reach = radius + 0.5f;
        var left = Math.Max(0, (int)(Math.Min(x0, x1) - reach));
        var right = Math.Min(Size - 1, (int)(Math.Max(x0, x1) + reach) + 1);
        var top = Math.Max(0, (int)(Math.Min(y0, y1) - reach));
        var bottom = Math.Min(Size - 1, (int)(Math.Max(y0, y1) + reach) + 1);
        var (dx, dy) = (x1 - x0, y1 - y0);
        var lengthSquared = Math.Max(dx * dx + dy * dy, 1e-12f);
        for (var row = top; row <= bottom; row++)
        {
            for (var column = left; column <= right; column++)
            {
                var (px, py) = (column - x0, row - y0);
                var along = Math.Clamp((px * dx + py * dy) / lengthSquared, 0, 1);
                var (ex, ey) = (px - along * dx, py - along * dy);
                var coverage = Math.Clamp(reach - MathF.Sqrt(ex * ex + ey * ey), 0, 1);
                ref var pixel = ref _ink[row * Size + column];
                pixel = Math.Max(pixel, coverage);
            }
        }
    }

    // Adds uneven darkness, paper grain and a few specks.
    private void Develop(ref SplitMix64 random, Span<byte> image)
    {
        var darkness = random.NextSingle(0.65f, 1);
        var grain = random.NextSingle(0, 0.22f);
        for (var i = 0; i < _ink.Length; i++)
        {
            var value = _ink[i] * darkness;
            if (value > 0)
                value *= 1 - random.NextSingle(0, grain);
            image[i] = (byte)(255 * value + 0.5f);
        }
        for (var specks = random.Next(6); specks > 0; specks--)
            image[random.Next(image.Length)] = (byte)random.Next(256);
    }
}
