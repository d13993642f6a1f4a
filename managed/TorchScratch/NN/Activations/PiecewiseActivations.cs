// Activations made of straight pieces.

using System.Globalization;

namespace TorchScratch.NN;

/// <summary>min(max(x, 0), 6).</summary>
public sealed class ReLU6 : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.Relu6(input);
}

/// <summary>x where it is larger than a threshold, else a value.</summary>
/// <param name="threshold">The threshold.</param>
/// <param name="value">What stands in the place of smaller numbers.</param>
public sealed class Threshold(double threshold, double value) : Module<Tensor, Tensor>
{
    /// <summary>The threshold.</summary>
    public double Bound => threshold;

    /// <summary>What stands in the place of smaller numbers.</summary>
    public double Value => value;

    /// <inheritdoc/>
    protected override string Description =>
        string.Create(CultureInfo.InvariantCulture, $"threshold={threshold}, value={value}");

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.Threshold(input, threshold, value);
}

/// <summary>x, cut off at both ends.</summary>
/// <param name="minVal">Smallest value.</param>
/// <param name="maxVal">Largest value.</param>
public sealed class Hardtanh(double minVal = -1, double maxVal = 1) : Module<Tensor, Tensor>
{
    /// <summary>Smallest value.</summary>
    public double MinVal => minVal;

    /// <summary>Largest value.</summary>
    public double MaxVal => maxVal;

    /// <inheritdoc/>
    protected override string Description =>
        string.Create(CultureInfo.InvariantCulture, $"min_val={minVal}, max_val={maxVal}");

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.Hardtanh(input, minVal, maxVal);
}

/// <summary>min(max(x / 6 + 1/2, 0), 1).</summary>
public sealed class Hardsigmoid : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.Hardsigmoid(input);
}

/// <summary>x times its <see cref="Hardsigmoid"/>.</summary>
public sealed class Hardswish : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.Hardswish(input);
}

/// <summary>x where |x| is larger than lambd, else 0.</summary>
/// <param name="lambd">The bound.</param>
public sealed class Hardshrink(double lambd = 0.5) : Module<Tensor, Tensor>
{
    /// <summary>The bound.</summary>
    public double Lambd => lambd;

    /// <inheritdoc/>
    protected override string Description => string.Create(CultureInfo.InvariantCulture, $"{lambd}");

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.Hardshrink(input, lambd);
}

/// <summary>x moved by lambd towards 0, where |x| is larger, else 0.</summary>
/// <param name="lambd">The bound.</param>
public sealed class Softshrink(double lambd = 0.5) : Module<Tensor, Tensor>
{
    /// <summary>The bound.</summary>
    public double Lambd => lambd;

    /// <inheritdoc/>
    protected override string Description => string.Create(CultureInfo.InvariantCulture, $"{lambd}");

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.Softshrink(input, lambd);
}
