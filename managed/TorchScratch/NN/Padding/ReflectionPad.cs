// Pads with the input mirrored at its edges.

namespace TorchScratch.NN;

/// <summary>Sequences, mirrored at their outermost elements.</summary>
public sealed class ReflectionPad1d : PaddingLayer
{
    /// <summary>As many elements on every side.</summary>
    /// <param name="padding">Their number.</param>
    public ReflectionPad1d(int padding)
        : base(All(1, padding), PadMode.Reflect)
    {
    }

    /// <summary>On each side as many as are given.</summary>
    /// <param name="padding">Their numbers.</param>
    public ReflectionPad1d((int Left, int Right) padding)
        : base([padding.Left, padding.Right], PadMode.Reflect)
    {
    }
}

/// <summary>Images, mirrored at their outermost elements.</summary>
public sealed class ReflectionPad2d : PaddingLayer
{
    /// <summary>As many elements on every side.</summary>
    /// <param name="padding">Their number.</param>
    public ReflectionPad2d(int padding)
        : base(All(2, padding), PadMode.Reflect)
    {
    }

    /// <summary>On each side as many as are given.</summary>
    /// <param name="padding">Their numbers.</param>
    public ReflectionPad2d((int Left, int Right, int Top, int Bottom) padding)
        : base([padding.Left, padding.Right, padding.Top, padding.Bottom], PadMode.Reflect)
    {
    }
}

/// <summary>Volumes, mirrored at their outermost elements.</summary>
public sealed class ReflectionPad3d : PaddingLayer
{
    /// <summary>As many elements on every side.</summary>
    /// <param name="padding">Their number.</param>
    public ReflectionPad3d(int padding)
        : base(All(3, padding), PadMode.Reflect)
    {
    }

    /// <summary>On each side as many as are given.</summary>
    /// <param name="padding">Their numbers.</param>
    public ReflectionPad3d((int Left, int Right, int Top, int Bottom, int Front, int Back) padding)
        : base([padding.Left, padding.Right, padding.Top, padding.Bottom,
        padding.Front, padding.Back], PadMode.Reflect)
    {
    }
}
