// Pads images with zeros.

namespace TorchScratch.NN;

/// <summary>Zeros around images.</summary>
public sealed class ZeroPad2d : PaddingLayer
{
    /// <summary>As many elements on every side.</summary>
    /// <param name="padding">Their number.</param>
    public ZeroPad2d(int padding)
        : base(All(2, padding), PadMode.Constant)
    {
    }

    /// <summary>On each side as many as are given.</summary>
    /// <param name="padding">Their numbers.</param>
    public ZeroPad2d((int Left, int Right, int Top, int Bottom) padding)
        : base([padding.Left, padding.Right, padding.Top, padding.Bottom], PadMode.Constant)
    {
    }
}
