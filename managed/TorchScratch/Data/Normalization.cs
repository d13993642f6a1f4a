// The conversion of image bytes to the numbers that a network reads.

using System.Numerics;
using System.Runtime.InteropServices;

namespace TorchScratch.Data;

/// <summary>Maps a byte b of one channel to (b / 255 - mean) / std.</summary>
/// <param name="Mean">Subtracted from the values, which lie in [0, 1].</param>
/// <param name="StandardDeviation">The divisor after the subtraction.</param>
public readonly record struct Normalization(float Mean, float StandardDeviation)
{
    /// <summary>The values in [0, 1] without normalization.</summary>
    public static Normalization None => new(0, 1);

    /// <summary>The mean and standard deviation of MNIST's training images that are commonly used.</summary>
    public static Normalization Mnist => new(0.1307f, 0.3081f);

    /// <summary>
    /// The mean and standard deviation of Fashion-MNIST's training images (Xiao, Rasul, Vollgraf 2017).
    /// </summary>
    public static Normalization FashionMnist => new(0.2860f, 0.3530f);

    /// <summary>
    /// The mean and standard deviation of red, green and blue in CIFAR-10's 50,000 training images (Krizhevsky 2009).
    /// </summary>
    public static IReadOnlyList<Normalization> Cifar10 { get; } = Array.AsReadOnly<Normalization>(
    [
        new(0.49139968f, 0.24703223f), new(0.48215841f, 0.24348513f), new(0.44653091f, 0.26158784f),
    ]);

    /// <summary>The same for CIFAR-100's 50,000 training images, with the commonly used values.</summary>
    public static IReadOnlyList<Normalization> Cifar100 { get; } = Array.AsReadOnly<Normalization>(
    [
        new(0.5071f, 0.2673f), new(0.4865f, 0.2564f), new(0.4409f, 0.2762f),
    ]);

    /// <summary>The same for ImageNet's training images, with the commonly used values.</summary>
    public static IReadOnlyList<Normalization> ImageNet { get; } = Array.AsReadOnly<Normalization>(
    [
        new(0.485f, 0.229f), new(0.456f, 0.224f), new(0.406f, 0.225f),
    ]);

    /// <summary>Converts bytes; <paramref name="target"/> is at least as long as <paramref name="source"/>.</summary>
    internal void Apply(ReadOnlySpan<byte> source, Span<float> target)
    {
        // As one multiplication and one addition: (b / 255 - m) / s = b / (255 s) - m / s.
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
            // Signed integers convert to float in one instruction.
            results[4 * i] = Vector.ConvertToSingle(Vector.AsVectorInt32(first)) * scales + shifts;
            results[4 * i + 1] = Vector.ConvertToSingle(Vector.AsVectorInt32(second)) * scales + shifts;
            results[4 * i + 2] = Vector.ConvertToSingle(Vector.AsVectorInt32(third)) * scales + shifts;
            results[4 * i + 3] = Vector.ConvertToSingle(Vector.AsVectorInt32(fourth)) * scales + shifts;
        }
        for (var i = vectors.Length * Vector<byte>.Count; i < source.Length; i++)
            target[i] = source[i] * scale + shift;
    }
}
