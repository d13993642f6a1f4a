// How bytes of an image become the numbers that a network reads.

using System.Numerics;
using System.Runtime.InteropServices;

namespace TorchScratch.Data;

/// <summary>Maps a byte b of one channel to (b / 255 - mean) / std.</summary>
/// <param name="Mean">Subtracted from the values, which lie in [0, 1].</param>
/// <param name="StandardDeviation">What they are divided by then.</param>
public readonly record struct Normalization(float Mean, float StandardDeviation)
{
    /// <summary>The values as they are, in [0, 1].</summary>
    public static Normalization None => new(0, 1);

    /// <summary>Mean and standard deviation of MNIST's training images, as everybody uses them.</summary>
    public static Normalization Mnist => new(0.1307f, 0.3081f);

    /// <summary>Mean and standard deviation of Fashion-MNIST's training images (Xiao, Rasul, Vollgraf 2017).</summary>
    public static Normalization FashionMnist => new(0.2860f, 0.3530f);

    /// <summary>Red, green and blue of CIFAR-10's 50,000 training images (Krizhevsky 2009), to eight digits.</summary>
    public static IReadOnlyList<Normalization> Cifar10 { get; } = Array.AsReadOnly<Normalization>(
    [
        new(0.49139968f, 0.24703223f), new(0.48215841f, 0.24348513f), new(0.44653091f, 0.26158784f),
    ]);

    /// <summary>Red, green and blue of CIFAR-100's 50,000 training images, as everybody uses them.</summary>
    public static IReadOnlyList<Normalization> Cifar100 { get; } = Array.AsReadOnly<Normalization>(
    [
        new(0.5071f, 0.2673f), new(0.4865f, 0.2564f), new(0.4409f, 0.2762f),
    ]);

    /// <summary>Red, green and blue of ImageNet's training images, as everybody uses them.</summary>
    public static IReadOnlyList<Normalization> ImageNet { get; } = Array.AsReadOnly<Normalization>(
    [
        new(0.485f, 0.229f), new(0.456f, 0.224f), new(0.406f, 0.225f),
    ]);

    /// <summary>Converts one row of bytes; <paramref name="target"/> is as long as <paramref name="source"/>.</summary>
    internal void Apply(ReadOnlySpan<byte> source, Span<float> target)
    {
        // One multiplication and one addition: (b / 255 - m) / s = b / (255 s) - m / s.
        var scale = 1 / (255 * StandardDeviation);
        var shift = -Mean / StandardDeviation;
        target = target[..source.Length];

        var vectors = MemoryMarshal.Cast<byte, Vector<byte>>(source);
        var results = MemoryMarshal.Cast<float, Vector<float>>(target);
        var scales = new Vector<float>(scale);
        var shifts = new Vector<float>(shift);
        for (var i = 0; i < vectors.Length; i++)
        {
            Vector.Widen(vectors[i], out var low, out var high);
            Vector.Widen(low, out var first, out var second);
            Vector.Widen(high, out var third, out var fourth);
            // As signed integers, which convert in one instruction.
            results[4 * i] = Vector.ConvertToSingle(Vector.AsVectorInt32(first)) * scales + shifts;
            results[4 * i + 1] = Vector.ConvertToSingle(Vector.AsVectorInt32(second)) * scales + shifts;
            results[4 * i + 2] = Vector.ConvertToSingle(Vector.AsVectorInt32(third)) * scales + shifts;
            results[4 * i + 3] = Vector.ConvertToSingle(Vector.AsVectorInt32(fourth)) * scales + shifts;
        }
        for (var i = vectors.Length * Vector<byte>.Count; i < source.Length; i++)
            target[i] = source[i] * scale + shift;
    }
}
