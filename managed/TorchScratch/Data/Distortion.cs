// A random distortion of a digit.

namespace TorchScratch.Data;

/// <summary>
/// Maps points of the unit square to pixel coordinates: a wave that bends the strokes, then scaling, slant and rotation
/// about the centre, then a shift.
/// </summary>
internal readonly struct Distortion
{
    private const float Centre = (DigitPen.Size - 1) / 2f;

    private readonly float _xx, _xy, _yx, _yy, _shiftX, _shiftY, _waveX, _waveY, _phaseX, _phaseY;

    private Distortion(ref SplitMix64 random)
    {
        var angle = random.NextSingle(-0.26f, 0.26f);
        var slant = random.NextSingle(-0.4f, 0.4f);
        var width = random.NextSingle(12, 24);
        var height = random.NextSingle(15, 24);
        var (sine, cosine) = MathF.SinCos(angle);
        _xx = width * cosine;
        _xy = height * (slant * cosine - sine);
        _yx = width * sine;
        _yy = height * (slant * sine + cosine);
        _shiftX = random.NextSingle(-3, 3);
        _shiftY = random.NextSingle(-3, 3);
        _waveX = random.NextSingle(-0.06f, 0.06f);
        _waveY = random.NextSingle(-0.06f, 0.06f);
        _phaseX = random.NextSingle(0, MathF.Tau);
        _phaseY = random.NextSingle(0, MathF.Tau);
    }

    public static Distortion Random(ref SplitMix64 random) => new(ref random);

    public (float X, float Y) Apply(float x, float y)
    {
        var u = x - 0.5f + _waveX * MathF.Sin(MathF.Tau * y + _phaseX);
        var v = y - 0.5f + _waveY * MathF.Sin(MathF.Tau * x + _phaseY);
        return (Centre + _shiftX + _xx * u + _xy * v, Centre + _shiftY + _yx * u + _yy * v);
    }
}
