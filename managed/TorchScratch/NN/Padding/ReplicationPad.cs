// Pads with the outermost elements.

namespace TorchScratch.NN;

/// <summary>Pads sequences (N, C, L) or (C, L) with their outermost elements.</summary>
public sealed class ReplicationPad1d : PaddingLayer
{
    /// <summary>Adds the same number of elements on every side.</summary>
    /// <param name="padding">The number of elements.</param>
    public ReplicationPad1d(int padding)
        : base(All(1, padding), PadMode.Replicate)
    {
    }

    /// <summary>Adds a separate number of elements on each side.</summary>
    /// <param name="padding">The number of elements on each side.</param>
    public ReplicationPad1d((int Left, int Right) padding)
        : base([padding.Left, padding.Right], PadMode.Replicate)
    {
    }
}

/// <summary>Pads images (N, C, H, W) or (C, H, W) with their outermost elements.</summary>
public sealed class ReplicationPad2d : PaddingLayer
{
    /// <summary>Adds the same number of elements on every side.</summary>
    /// <param name="padding">The number of elements.</param>
    public ReplicationPad2d(int padding)
        : base(All(2, padding), PadMode.Replicate)
    {
    }

    /// <summary>Adds a separate number of elements on each side.</summary>
    /// <param name="padding">The number of elements on each side.</param>
    public ReplicationPad2d((int Left, int Right, int Top, int Bottom) padding)
        : base([padding.Left, padding.Right, padding.Top, padding.Bottom], PadMode.Replicate)
    {
    }
}

/// <summary>Pads volumes (N, C, D, H, W) or (C, D, H, W) with their outermost elements.</summary>
public sealed class ReplicationPad3d : PaddingLayer
{
    /// <summary>Adds the same number of elements on every side.</summary>
    /// <param name="padding">The number of elements.</param>
    public ReplicationPad3d(int padding)
        : base(All(3, padding), PadMode.Replicate)
    {
    }

    /// <summary>Adds a separate number of elements on each side.</summary>
    /// <param name="padding">The number of elements on each side.</param>
    public ReplicationPad3d((int Left, int Right, int Top, int Bottom, int Front, int Back) padding)
        : base([padding.Left, padding.Right, padding.Top, padding.Bottom, padding.Front, padding.Back],
            PadMode.Replicate)
    {
    }
}
