// Inputs made larger at their ends.

namespace TorchScratch.NN;

/// <summary>Adds elements around the last dimensions of (N, C, ...) or (C, ...); negative numbers cut off.</summary>
public abstract class PaddingLayer : Module<Tensor, Tensor>
{
    private readonly long[] _padding;
    private readonly PadMode _mode;
    private readonly double? _value;

    // Pairs (before, after), the last dimension's first.
    private protected PaddingLayer(long[] padding, PadMode mode, double? value = null) =>
        (_padding, _mode, _value) = (padding, mode, value);

    /// <inheritdoc/>
    protected override string Description
    {
        get
        {
            var padding = $"({string.Join(", ", _padding)})";
            return _value is { } value ? $"padding={padding}, value={PythonText.Of(value)}" : padding;
        }
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var dims = _padding.Length / 2;
        if (input.NDim != dims + 1 && input.NDim != dims + 2)
        {
            throw new ShapeException(
                $"{GetType().Name}: input must have {dims + 1} or {dims + 2} dimensions, got shape {input.ShapeText}");
        }
        return Functional.Pad(input, _padding, _mode, _value is { } value ? (Scalar)value : null);
    }

    private protected static long[] All(int dims, int padding)
    {
        var all = new long[2 * dims];
        Array.Fill(all, padding);
        return all;
    }
}

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
