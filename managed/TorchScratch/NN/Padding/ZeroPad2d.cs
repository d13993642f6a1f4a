// Pads images with zeros.

namespace TorchScratch.NN;

/// <summary>Pads images (N, C, H, W) or (C, H, W) with zeros.</summary>
public sealed class ZeroPad2d : PaddingLayer
{
    /// <summary>Adds the same number of elements on every side.</summary>
    /// <param name="padding">The number of elements.</param>
    public ZeroPad2d(int padding)
        : base(All(2, padding), PadMode.Constant)
    {
    }

    /// <summary>Adds a separate number of elements on each side.</summary>
    /// <param name="padding">The number of elements on each side.</param>
    public ZeroPad2d((int Left, int Right, int Top, int Bottom) padding)
        : base([padding.Left, padding.Right, padding.Top, padding.Bottom], PadMode.Constant)
    {
    }
}
