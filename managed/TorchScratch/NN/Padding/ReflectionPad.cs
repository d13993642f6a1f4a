// Pads with the input mirrored at its edges.

namespace TorchScratch.NN;

/// <summary>
/// Pads sequences (N, C, L) or (C, L) with their mirror image; the outermost elements are not repeated.
/// </summary>
public sealed class ReflectionPad1d : PaddingLayer
{
    /// <summary>Adds the same number of elements on every side.</summary>
    /// <param name="padding">The number of elements.</param>
    public ReflectionPad1d(int padding)
        : base(All(1, padding), PadMode.Reflect)
    {
    }

    /// <summary>Adds a separate number of elements on each side.</summary>
    /// <param name="padding">The number of elements on each side.</param>
    public ReflectionPad1d((int Left, int Right) padding)
        : base([padding.Left, padding.Right], PadMode.Reflect)
    {
    }
}

/// <summary>
/// Pads images (N, C, H, W) or (C, H, W) with their mirror image; the outermost elements are not repeated.
/// </summary>
public sealed class ReflectionPad2d : PaddingLayer
{
    /// <summary>Adds the same number of elements on every side.</summary>
    /// <param name="padding">The number of elements.</param>
    public ReflectionPad2d(int padding)
        : base(All(2, padding), PadMode.Reflect)
    {
    }

    /// <summary>Adds a separate number of elements on each side.</summary>
    /// <param name="padding">The number of elements on each side.</param>
    public ReflectionPad2d((int Left, int Right, int Top, int Bottom) padding)
        : base([padding.Left, padding.Right, padding.Top, padding.Bottom], PadMode.Reflect)
    {
    }
}

/// <summary>
/// Pads volumes (N, C, D, H, W) or (C, D, H, W) with their mirror image; the outermost elements are not repeated.
/// </summary>
public sealed class ReflectionPad3d : PaddingLayer
{
    /// <summary>Adds the same number of elements on every side.</summary>
    /// <param name="padding">The number of elements.</param>
    public ReflectionPad3d(int padding)
        : base(All(3, padding), PadMode.Reflect)
    {
    }

    /// <summary>Adds a separate number of elements on each side.</summary>
    /// <param name="padding">The number of elements on each side.</param>
    public ReflectionPad3d((int Left, int Right, int Top, int Bottom, int Front, int Back) padding)
        : base([padding.Left, padding.Right, padding.Top, padding.Bottom, padding.Front, padding.Back],
            PadMode.Reflect)
    {
    }
}
