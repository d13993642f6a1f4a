// Pads with a constant.

namespace TorchScratch.NN;

/// <summary>Pads sequences (N, C, L) or (C, L) with a constant.</summary>
public sealed class ConstantPad1d : PaddingLayer
{
    /// <summary>Adds the same number of elements on every side.</summary>
    /// <param name="padding">The number of elements.</param>
    /// <param name="value">The value of the added elements.</param>
    public ConstantPad1d(int padding, double value)
        : base(All(1, padding), PadMode.Constant, value)
    {
    }

    /// <summary>Adds a separate number of elements on each side.</summary>
    /// <param name="padding">The number of elements on each side.</param>
    /// <param name="value">The value of the added elements.</param>
    public ConstantPad1d((int Left, int Right) padding, double value)
        : base([padding.Left, padding.Right], PadMode.Constant, value)
    {
    }
}

/// <summary>Pads images (N, C, H, W) or (C, H, W) with a constant.</summary>
public sealed class ConstantPad2d : PaddingLayer
{
    /// <summary>Adds the same number of elements on every side.</summary>
    /// <param name="padding">The number of elements.</param>
    /// <param name="value">The value of the added elements.</param>
    public ConstantPad2d(int padding, double value)
        : base(All(2, padding), PadMode.Constant, value)
    {
    }

    /// <summary>Adds a separate number of elements on each side.</summary>
    /// <param name="padding">The number of elements on each side.</param>
    /// <param name="value">The value of the added elements.</param>
    public ConstantPad2d((int Left, int Right, int Top, int Bottom) padding, double value)
        : base([padding.Left, padding.Right, padding.Top, padding.Bottom], PadMode.Constant, value)
    {
    }
}

/// <summary>Pads volumes (N, C, D, H, W) or (C, D, H, W) with a constant.</summary>
public sealed class ConstantPad3d : PaddingLayer
{
    /// <summary>Adds the same number of elements on every side.</summary>
    /// <param name="padding">The number of elements.</param>
    /// <param name="value">The value of the added elements.</param>
    public ConstantPad3d(int padding, double value)
        : base(All(3, padding), PadMode.Constant, value)
    {
    }

    /// <summary>Adds a separate number of elements on each side.</summary>
    /// <param name="padding">The number of elements on each side.</param>
    /// <param name="value">The value of the added elements.</param>
    public ConstantPad3d((int Left, int Right, int Top, int Bottom, int Front, int Back) padding, double value)
        : base([padding.Left, padding.Right, padding.Top, padding.Bottom, padding.Front, padding.Back],
            PadMode.Constant, value)
    {
    }
}
