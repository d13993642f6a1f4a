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
    /// Uniform in [-b, b), b = sqrt(6 / ((1 + slope^2) fan)): He, Zhang, Ren, Sun, "Delving deep into rectifiers"
    /// (2015), formula 15.
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

    /// <summary>Ones on the diagonal of a matrix, zeros elsewhere.</summary>
    /// <exception cref="ShapeException">The tensor is no matrix.</exception>
    public static void Eye(Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        if (tensor.NDim != 2)
            throw new ShapeException($"Init.Eye: a matrix has two dimensions, got shape {tensor.ShapeText}");
        using var noGrad = Autograd.NoGrad();
        using var eye = Tensor.Eye(tensor.Size(0), tensor.Size(1), tensor.DType);
        tensor.Copy_(eye);
    }

    /// <summary>
    /// The convolution weight (out, in, kernel...) that hands each channel on, as far as there are channels.
    /// </summary>
    /// <exception cref="ShapeException">The tensor has fewer than three dimensions.</exception>
    /// <exception cref="ArgumentException">The output channels cannot be divided into the groups.</exception>
    public static void Dirac(Tensor tensor, int groups = 1)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        if (tensor.NDim < 3)
            throw new ShapeException(
                $"Init.Dirac: a convolution's weight has at least three dimensions, got shape {tensor.ShapeText}");
        ArgumentOutOfRangeException.ThrowIfLessThan(groups, 1);
        var outPerGroup = tensor.Size(0) / groups;
        if (outPerGroup * groups != tensor.Size(0))
            throw new ArgumentException($"{tensor.Size(0)} channels cannot be divided into {groups} groups",
                nameof(groups));
        using var noGrad = Autograd.NoGrad();
        using var scope = Tensor.Scope();
        tensor.Zero_();
        for (var group = 0; group < groups; group++)
        {
            for (var channel = 0; channel < Math.Min(outPerGroup, tensor.Size(1)); channel++)
            {
                var place = tensor.Select(0, group * outPerGroup + channel).Select(0, channel);
                while (place.NDim > 0)
                    place = place.Select(0, place.Size(0) / 2);
                place.Fill_(1);
            }
        }
    }

    /// <summary>
    /// Rows, or columns if they are fewer, that are orthonormal, times the gain: Saxe, McClelland, Ganguli (2013).
    /// Dimensions after the first count as one.
    /// </summary>
    /// <exception cref="ShapeException">The tensor has fewer than two dimensions.</exception>
    public static void Orthogonal(Tensor tensor, double gain = 1)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        if (tensor.NDim < 2)
            throw new ShapeException($"Init.Orthogonal: needs at least two dimensions, got shape {tensor.ShapeText}");
        using var noGrad = Autograd.NoGrad();
        using var scope = Tensor.Scope();
        var rows = tensor.Size(0);
        var columns = rows == 0 ? 0 : tensor.ElementCount / rows;
        var (count, length) = (Math.Min(rows, columns), Math.Max(rows, columns));
        var vectors = Tensor.Randn([count, length], DType.Float64);
        for (var i = 0; i < count; i++)
        {
            var vector = vectors.Select(0, i);
            // Twice is enough: what rounding leaves of the first projection, the second removes.
            for (var pass = 0; i > 0 && pass < 2; pass++)
            {
                var before = vectors.Narrow(0, 0, i);
                vector.Sub_(before.T().Mv(before.Mv(vector)));
            }
            vector.Mul_(1 / vector.Norm().ToDouble());
        }
        vectors.Mul_(gain);
        tensor.Copy_((rows <= columns ? vectors : vectors.T()).Reshape(tensor.Shape));
    }

    /// <summary>Normal, with a share of each column set to zero: Martens (2010).</summary>
    /// <param name="tensor">A matrix.</param>
    /// <param name="sparsity">The share.</param>
    /// <param name="standardDeviation">Of the others.</param>
    /// <exception cref="ShapeException">The tensor is no matrix.</exception>
    public static void Sparse(Tensor tensor, double sparsity, double standardDeviation = 0.01)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        if (tensor.NDim != 2)
            throw new ShapeException($"Init.Sparse: a matrix has two dimensions, got shape {tensor.ShapeText}");
        if (sparsity is not (>= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(sparsity), sparsity, "a share lies in [0, 1]");
        using var noGrad = Autograd.NoGrad();
        using var scope = Tensor.Scope();
        tensor.Normal_(0, standardDeviation);
        var zeros = (long)Math.Ceiling(sparsity * tensor.Size(0));
        // The places of the smallest of random numbers are a random choice.
        var places = Tensor.Rand(tensor.Shape).Argsort(0).Narrow(0, 0, zeros);
        tensor.Copy_(tensor.Scatter(0, places, 0));
    }

    /// <summary>Normal, as far as it lies between two bounds, by the inverse of the distribution function.</summary>
    /// <param name="tensor">What to fill.</param>
    /// <param name="mean">Of the whole distribution.</param>
    /// <param name="standardDeviation">Of the whole distribution.</param>
    /// <param name="low">The lower bound.</param>
    /// <param name="high">The upper bound.</param>
    /// <exception cref="ArgumentException">The bounds are not in order.</exception>
    public static void TruncatedNormal(Tensor tensor, double mean = 0, double standardDeviation = 1, double low = -2,
        double high = 2)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        if (!(low < high))
            throw new ArgumentException($"the bounds {low} and {high} are not in order", nameof(low));
        using var noGrad = Autograd.NoGrad();
        using var scope = Tensor.Scope();
        // erf is 2 Phi(x sqrt(2)) - 1.
        using var ends = Tensor.FromArray(
            [(low - mean) / standardDeviation / Math.Sqrt(2), (high - mean) / standardDeviation / Math.Sqrt(2)]).Erf();
        var bounds = ends.ToArray<double>();
        var drawn = Tensor.Empty(tensor.Shape, DType.Float64).Uniform_(bounds[0], bounds[1]).Erfinv();
        tensor.Copy_((drawn * (standardDeviation * Math.Sqrt(2)) + mean).Clamp(low, high));
    }

    /// <summary>The factor that keeps the variance over an activation: PyTorch's values.</summary>
    /// <param name="activation">Linear, Conv1d, Sigmoid, Tanh, ReLU, LeakyReLU or SELU.</param>
    /// <param name="negativeSlope">Of the leaky ReLU.</param>
    /// <exception cref="ArgumentException">There is no such value.</exception>
    public static double Gain(string activation, double negativeSlope = 0.01) => activation switch
    {
        "Linear" or "Conv1d" or "Conv2d" or "ConvTranspose1d" or "ConvTranspose2d" or "Sigmoid" => 1,
        "Tanh" => 5.0 / 3,
        "ReLU" => Math.Sqrt(2),
        "LeakyReLU" => Math.Sqrt(2 / (1 + negativeSlope * negativeSlope)),
        "SELU" => 0.75,
        _ => throw new ArgumentException($"no gain is known for {activation}", nameof(activation)),
    };

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
            throw new ShapeException(
                $"Init: fans need a tensor of at least two dimensions (out, in, ...), got {shape.Length}");
        var kernel = 1.0;
        for (var i = 2; i < shape.Length; i++)
            kernel *= shape[i];
        return (shape[1] * kernel, shape[0] * kernel);
    }
}
