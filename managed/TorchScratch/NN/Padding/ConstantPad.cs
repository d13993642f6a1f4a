// Pads with a constant.

namespace TorchScratch.NN;

/// <summary>A number around sequences.</summary>
public sealed class ConstantPad1d : PaddingLayer
{
    /// <summary>As many elements on every side.</summary>
    /// <param name="padding">Their number.</param>
    /// <param name="value">The number.</param>
    public ConstantPad1d(int padding, double value)
        : base(All(1, padding), PadMode.Constant, value)
    {
    }

    /// <summary>On each side as many as are given.</summary>
    /// <param name="padding">Their numbers.</param>
    /// <param name="value">The number.</param>
    public ConstantPad1d((int Left, int Right) padding, double value)
        : base([padding.Left, padding.Right], PadMode.Constant, value)
    {
    }
}

/// <summary>A number around images.</summary>
public sealed class ConstantPad2d : PaddingLayer
{
    /// <summary>As many elements on every side.</summary>
    /// <param name="padding">Their number.</param>
    /// <param name="value">The number.</param>
    public ConstantPad2d(int padding, double value)
        : base(All(2, padding), PadMode.Constant, value)
    {
    }

    /// <summary>On each side as many as are given.</summary>
    /// <param name="padding">Their numbers.</param>
    /// <param name="value">The number.</param>
    public ConstantPad2d((int Left, int Right, int Top, int Bottom) padding, double value)
        : base([padding.Left, padding.Right, padding.Top, padding.Bottom], PadMode.Constant, value)
    {
    }
}

/// <summary>A number around volumes.</summary>
public sealed class ConstantPad3d : PaddingLayer
{
    /// <summary>As many elements on every side.</summary>
    /// <param name="padding">Their number.</param>
    /// <param name="value">The number.</param>
    public ConstantPad3d(int padding, double value)
        : base(All(3, padding), PadMode.Constant, value)
    {
    }

    /// <summary>On each side as many as are given.</summary>
    /// <param name="padding">Their numbers.</param>
    /// <param name="value">The number.</param>
    public ConstantPad3d((int Left, int Right, int Top, int Bottom, int Front, int Back) padding, double value)
        : base([padding.Left, padding.Right, padding.Top, padding.Bottom,
        padding.Front, padding.Back], PadMode.Constant, value)
    {
    }
}
