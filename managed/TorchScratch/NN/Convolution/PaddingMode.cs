// How the padding of a convolution is filled.

namespace TorchScratch.NN;

/// <summary>How the padding of a convolution is filled.</summary>
public enum PaddingMode
{
    /// <summary>Zeros.</summary>
    Zeros,

    /// <summary>The input mirrored at its outermost elements, which are not repeated.</summary>
    Reflect,

    /// <summary>The outermost element, repeated.</summary>
    Replicate,

    /// <summary>The opposite end of the input.</summary>
    Circular,
}
