// The first values of parameters.

namespace TorchScratch.NN;

/// <summary>Which side of a layer a scaled initialization keeps at the same variance.</summary>
public enum FanMode
{
    /// <summary>The inputs of one output: keeps the variance of the forward pass.</summary>
    In,

    /// <summary>The outputs of one input: keeps the variance of the backward pass.</summary>
    Out,
}

/// <summary>
/// Fills tensors with first values, in place and unseen by autograd. The numbers come from the default generator, so a
/// seed decides them.
/// </summary>
public static class Init
{
    /// <summary>Uniform in [low, high).</summary>
    public static void Uniform(Tensor tensor, double low = 0, double high = 1)
    {
        using var noGrad = Autograd.NoGrad();
        tensor.Uniform_(low, high);
    }

    /// <summary>Normal with a mean and a standard deviation.</summary>
    public static void Normal(Tensor tensor, double mean = 0, double standardDeviation = 1)
    {
        using var noGrad = Autograd.NoGrad();
        tensor.Normal_(mean, standardDeviation);
    }

    /// <summary>The same number everywhere.</summary>
    public static void Constant(Tensor tensor, Scalar value)
    {
        using var noGrad = Autograd.NoGrad();
        tensor.Fill_(value);
    }

    /// <summary>
    /// Uniform in [-b, b), b = gain sqrt(6 / (fan_in + fan_out)): Glorot and Bengio, "Understanding the difficulty of
    /// training deep feedforward neural networks" (2010), formula 16.
    /// </summary>
    /// <exception cref="ShapeException">The tensor has fewer than two dimensions.</exception>
    public static void XavierUniform(Tensor tensor, double gain = 1)
    {
        var (fanIn, fanOut) = Fans(tensor);
        var bound = gain * Math.Sqrt(6.0 / (fanIn + fanOut));
        Uniform(tensor, -bound, bound);
    }

    /// <summary>Normal with deviation gain sqrt(2 / (fan_in + fan_out)); see <see cref="XavierUniform"/>.</summary>
    /// <exception cref="ShapeException">The tensor has fewer than two dimensions.</exception>
    public static void XavierNormal(Tensor tensor, double gain = 1)
    {
        var (fanIn, fanOut) = Fans(tensor);
        Normal(tensor, 0, gain * Math.Sqrt(2.0 / (fanIn + fanOut)));
    }

    /// <summary>
    /// Uniform in [-b, b), b = sqrt(6 / ((1 + slope^2) fan)): He, Zhang, Ren, Sun, "Delving deep into rectifiers" (2015),
    /// formula 15.
    /// </summary>
    /// <param name="tensor">A weight, (out, in, ...).</param>
    /// <param name="negativeSlope">Of the leaky ReLU that follows; 0 for ReLU.</param>
    /// <param name="mode">Which fan.</param>
    /// <exception cref="ShapeException">The tensor has fewer than two dimensions.</exception>
    public static void KaimingUniform(Tensor tensor, double negativeSlope = 0, FanMode mode = FanMode.In)
    {
        var bound = Math.Sqrt(3) * KaimingDeviation(tensor, negativeSlope, mode);
        Uniform(tensor, -bound, bound);
    }

    /// <summary>Normal with deviation sqrt(2 / ((1 + slope^2) fan)); see <see cref="KaimingUniform"/>.</summary>
    /// <exception cref="ShapeException">The tensor has fewer than two dimensions.</exception>
    public static void KaimingNormal(Tensor tensor, double negativeSlope = 0, FanMode mode = FanMode.In) =>
        Normal(tensor, 0, KaimingDeviation(tensor, negativeSlope, mode));

    /// <summary>PyTorch's first values of a layer: Kaiming with slope sqrt(5) for the weight, which is a bound of
    /// 1 / sqrt(fan_in), and the same bound for the bias.</summary>
    internal static void Layer(Tensor weight, Tensor? bias)
    {
        KaimingUniform(weight, Math.Sqrt(5));
        if (bias is null)
            return;
        var fanIn = Fans(weight).In;
        var bound = fanIn > 0 ? 1 / Math.Sqrt(fanIn) : 0;
        Uniform(bias, -bound, bound);
    }

    private static double KaimingDeviation(Tensor tensor, double negativeSlope, FanMode mode)
    {
        var fans = Fans(tensor);
        var fan = mode == FanMode.In ? fans.In : fans.Out;
        return fan == 0 ? 0 : Math.Sqrt(2 / ((1 + negativeSlope * negativeSlope) * fan));
    }

    // Of a weight (out, in, kernel...): how many products a sum has, forwards and backwards.
    private static (double In, double Out) Fans(Tensor weight)
    {
        ArgumentNullException.ThrowIfNull(weight);
        var shape = weight.Shape;
        if (shape.Length < 2)
            throw new ShapeException($"Init: fans need a tensor of at least two dimensions (out, in, ...), got {shape.Length}");
        var kernel = 1.0;
        for (var i = 2; i < shape.Length; i++)
            kernel *= shape[i];
        return (shape[1] * kernel, shape[0] * kernel);
    }
}
