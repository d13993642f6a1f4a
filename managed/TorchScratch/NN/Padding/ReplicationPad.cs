// Pads with the outermost elements.

namespace TorchScratch.NN;

/// <summary>Sequences, their outermost elements repeated.</summary>
public sealed class ReplicationPad1d : PaddingLayer
{
    /// <summary>As many elements on every side.</summary>
    /// <param name="padding">Their number.</param>
    public ReplicationPad1d(int padding)
        : base(All(1, padding), PadMode.Replicate)
    {
    }

    /// <summary>On each side as many as are given.</summary>
    /// <param name="padding">Their numbers.</param>
    public ReplicationPad1d((int Left, int Right) padding)
        : base([padding.Left, padding.Right], PadMode.Replicate)
    {
    }
}

/// <summary>Images, their outermost elements repeated.</summary>
public sealed class ReplicationPad2d : PaddingLayer
{
    /// <summary>As many elements on every side.</summary>
    /// <param name="padding">Their number.</param>
    public ReplicationPad2d(int padding)
        : base(All(2, padding), PadMode.Replicate)
    {
    }

    /// <summary>On each side as many as are given.</summary>
    /// <param name="padding">Their numbers.</param>
    public ReplicationPad2d((int Left, int Right, int Top, int Bottom) padding)
        : base([padding.Left, padding.Right, padding.Top, padding.Bottom], PadMode.Replicate)
    {
    }
}

/// <summary>Volumes, their outermost elements repeated.</summary>
public sealed class ReplicationPad3d : PaddingLayer
{
    /// <summary>As many elements on every side.</summary>
    /// <param name="padding">Their number.</param>
    public ReplicationPad3d(int padding)
        : base(All(3, padding), PadMode.Replicate)
    {
    }

    /// <summary>On each side as many as are given.</summary>
    /// <param name="padding">Their numbers.</param>
    public ReplicationPad3d((int Left, int Right, int Top, int Bottom, int Front, int Back) padding)
        : base([padding.Left, padding.Right, padding.Top, padding.Bottom,
        padding.Front, padding.Back], PadMode.Replicate)
    {
    }
}
