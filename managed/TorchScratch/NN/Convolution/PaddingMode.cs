// What surrounds an image.

namespace TorchScratch.NN;

/// <summary>What a convolution finds beyond the edge of its input.</summary>
public enum PaddingMode
{
    /// <summary>Zeros.</summary>
    Zeros,

    /// <summary>The input mirrored at its outermost element.</summary>
    Reflect,

    /// <summary>The outermost element.</summary>
    Replicate,

    /// <summary>The opposite end.</summary>
    Circular,
}
