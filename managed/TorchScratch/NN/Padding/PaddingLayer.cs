// What padding layers share.

namespace TorchScratch.NN;

/// <summary>
/// Adds elements at both ends of the last dimensions of (N, C, ...) or (C, ...); negative numbers
/// remove elements instead.
/// </summary>
public abstract class PaddingLayer : Module<Tensor, Tensor>
{
    private readonly long[] _padding;
    private readonly PadMode _mode;
    private readonly double? _value;

    // Pairs (before, after), starting with the last dimension.
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
