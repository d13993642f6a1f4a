// Initialization of parameters.

namespace TorchScratch.NN;

/// <summary>Which fan a Kaiming initialization is scaled by.</summary>
public enum FanMode
{
    /// <summary>The number of inputs of one output, which keeps the variance constant in the forward pass.</summary>
    In,

    /// <summary>The number of outputs of one input, which keeps the variance constant in the backward pass.</summary>
    Out,
}

/// <summary>
/// Fills tensors with initial values, in place and without recording. Random numbers come from the default generator,
/// so that a seed reproduces them. Formulas are those of torch.nn.init.
/// </summary>
public static class Init
{
    /// <summary>Fills with numbers uniform in [low, high).</summary>
    public static void Uniform(Tensor tensor, double low = 0, double high = 1)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        using var noGrad = Autograd.NoGrad();
        tensor.Uniform_(low, high);
    }

    /// <summary>Fills with normally distributed numbers.</summary>
    public static void Normal(Tensor tensor, double mean = 0, double standardDeviation = 1)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        using var noGrad = Autograd.NoGrad();
        tensor.Normal_(mean, standardDeviation);
    }

    /// <summary>Fills with one number.</summary>
    public static void Constant(Tensor tensor, Scalar value)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        using var noGrad = Autograd.NoGrad();
        tensor.Fill_(value);
    }

    /// <summary>Fills with zeros.</summary>
    public static void Zeros(Tensor tensor) => Constant(tensor, 0);

    /// <summary>Fills with ones.</summary>
    public static void Ones(Tensor tensor) => Constant(tensor, 1);

    /// <summary>
    /// Fills with numbers uniform in [-b, b), where b = gain sqrt(6 / (fan_in + fan_out)): Glorot and Bengio,
    /// "Understanding the difficulty of training deep feedforward neural networks" (2010), formula 16.
    /// </summary>
    /// <exception cref="ShapeException">The tensor has fewer than two dimensions.</exception>
    public static void XavierUniform(Tensor tensor, double gain = 1)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        var (fanIn, fanOut) = Fans(tensor);
        var bound = gain * Math.Sqrt(6.0 / (fanIn + fanOut));
        Uniform(tensor, -bound, bound);
    }

    /// <summary>
    /// Fills with normally distributed numbers of mean 0 and standard deviation gain sqrt(2 / (fan_in +
    /// fan_out)); see <see cref="XavierUniform"/>.
    /// </summary>
    /// <exception cref="ShapeException">The tensor has fewer than two dimensions.</exception>
    public static void XavierNormal(Tensor tensor, double gain = 1)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        var (fanIn, fanOut) = Fans(tensor);
        Normal(tensor, 0, gain * Math.Sqrt(2.0 / (fanIn + fanOut)));
    }

    /// <summary>
    /// Fills with numbers uniform in [-b, b), where b = sqrt(6 / ((1 + slope^2) fan)): He, Zhang, Ren, Sun, "Delving
    /// deep into rectifiers" (2015), formula 15.
    /// </summary>
    /// <param name="tensor">A weight, (out, in, ...).</param>
    /// <param name="negativeSlope">The slope of the leaky ReLU that follows the layer; 0 for ReLU.</param>
    /// <param name="mode">The fan to scale by.</param>
    /// <exception cref="ShapeException">The tensor has fewer than two dimensions.</exception>
    public static void KaimingUniform(Tensor tensor, double negativeSlope = 0, FanMode mode = FanMode.In)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        var bound = Math.Sqrt(3) * KaimingDeviation(tensor, negativeSlope, mode);
        Uniform(tensor, -bound, bound);
    }

    /// <summary>
    /// Fills with normally distributed numbers of mean 0 and standard deviation sqrt(2 / ((1 + slope^2)
    /// fan)); see <see cref="KaimingUniform"/>.
    /// </summary>
    /// <exception cref="ShapeException">The tensor has fewer than two dimensions.</exception>
    public static void KaimingNormal(Tensor tensor, double negativeSlope = 0, FanMode mode = FanMode.In)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        Normal(tensor, 0, KaimingDeviation(tensor, negativeSlope, mode));
    }

    /// <summary>Fills a matrix with ones on its diagonal and zeros elsewhere.</summary>
    /// <exception cref="ShapeException">The tensor does not have two dimensions.</exception>
    public static void Eye(Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        if (tensor.NDim != 2)
            throw new ShapeException($"Init.Eye: the tensor must have two dimensions, got shape {tensor.ShapeText}");
        using var noGrad = Autograd.NoGrad();
        using var eye = Tensor.Eye(tensor.Size(0), tensor.Size(1), tensor.DType, tensor.Device);
        tensor.Copy_(eye);
    }

    /// <summary>
    /// Fills a convolution weight (out, in, kernel...) so that each output channel is the input channel of the same
    /// index, in each group; output channels without one are 0.
    /// </summary>
    /// <exception cref="ShapeException">The tensor has fewer than three dimensions.</exception>
    /// <exception cref="ArgumentException">The number of output channels is not divisible by groups.</exception>
    public static void Dirac(Tensor tensor, int groups = 1)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        if (tensor.NDim < 3)
            throw new ShapeException(
                $"Init.Dirac: the tensor must have at least three dimensions, got shape {tensor.ShapeText}");
        ArgumentOutOfRangeException.ThrowIfLessThan(groups, 1);
        var outPerGroup = tensor.Size(0) / groups;
        if (outPerGroup * groups != tensor.Size(0))
            throw new ArgumentException($"{tensor.Size(0)} channels cannot be divided into {groups} groups",
                nameof(groups));
        using var noGrad = Autograd.NoGrad();
        using var scope = Tensor.Scope();
        tensor.Zero_();
        // No channels can be divided into any number of groups.
        if (tensor.ElementCount == 0)
            return;
        for (var group = 0; group < groups; group++)
        {
            for (var channel = 0; channel < Math.Min(outPerGroup, tensor.Size(1)); channel++)
            {
                var element = tensor.Select(0, group * outPerGroup + channel).Select(0, channel);
                while (element.NDim > 0)
                    element = element.Select(0, element.Size(0) / 2);
                element.Fill_(1);
            }
        }
    }

    /// <summary>
    /// Fills with orthonormal rows, or columns if there are fewer of these, times the gain: Saxe, McClelland, Ganguli
    /// (2013). Dimensions after the first are treated as one.
    /// </summary>
    /// <exception cref="ShapeException">The tensor has fewer than two dimensions.</exception>
    public static void Orthogonal(Tensor tensor, double gain = 1)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        if (tensor.NDim < 2)
            throw new ShapeException(
                $"Init.Orthogonal: the tensor must have at least two dimensions, got shape {tensor.ShapeText}");
        using var noGrad = Autograd.NoGrad();
        using var scope = Tensor.Scope();
        var rows = tensor.Size(0);
        var columns = rows == 0 ? 0 : tensor.ElementCount / rows;
        var (count, length) = (Math.Min(rows, columns), Math.Max(rows, columns));
        // Many small steps, each of which needs the one before: on the CPU, and the same for every device.
        var vectors = Tensor.Randn([count, length], DType.Float64, Device.Cpu);
        for (var i = 0; i < count; i++)
        {
            var vector = vectors.Select(0, i);
            // Gram-Schmidt with one repetition: the second projection removes what rounding left of the first.
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

    /// <summary>
    /// Fills with normally distributed numbers, and sets a fraction of each column to zero: Martens (2010).
    /// </summary>
    /// <param name="tensor">A matrix.</param>
    /// <param name="sparsity">The fraction of each column to set to zero, in [0, 1].</param>
    /// <param name="standardDeviation">The standard deviation of the other elements.</param>
    /// <exception cref="ShapeException">The tensor does not have two dimensions.</exception>
    public static void Sparse(Tensor tensor, double sparsity, double standardDeviation = 0.01)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        if (tensor.NDim != 2)
            throw new ShapeException($"Init.Sparse: the tensor must have two dimensions, got shape {tensor.ShapeText}");
        if (sparsity is not (>= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(sparsity), sparsity, "the fraction must be in [0, 1]");
        using var noGrad = Autograd.NoGrad();
        using var scope = Tensor.Scope();
        tensor.Normal_(0, standardDeviation);
        var zeros = (long)Math.Ceiling(sparsity * tensor.Size(0));
        // The indices of the smallest random numbers of a column are a random choice.
        var indices = Tensor.Rand(tensor.Shape, device: tensor.Device).ArgSort(0).Narrow(0, 0, zeros);
        tensor.Copy_(tensor.Scatter(0, indices, 0));
    }

    /// <summary>
    /// Fills with numbers from a normal distribution truncated to [low, high], by inverting its distribution function.
    /// </summary>
    /// <param name="tensor">The tensor to fill.</param>
    /// <param name="mean">The mean of the distribution before truncation.</param>
    /// <param name="standardDeviation">The standard deviation of the distribution before truncation.</param>
    /// <param name="low">The lower bound.</param>
    /// <param name="high">The upper bound.</param>
    /// <exception cref="ArgumentException">low is not below high.</exception>
    public static void TruncatedNormal(Tensor tensor, double mean = 0, double standardDeviation = 1, double low = -2,
        double high = 2)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        if (!(low < high))
            throw new ArgumentException($"low must be below high, got {low} and {high}", nameof(low));
        using var noGrad = Autograd.NoGrad();
        using var scope = Tensor.Scope();
        // erf(x) = 2 Phi(x sqrt(2)) - 1, where Phi is the standard normal distribution function.
        double[] limits =
            [(low - mean) / standardDeviation / Math.Sqrt(2), (high - mean) / standardDeviation / Math.Sqrt(2)];
        using var ends = Tensor.FromArray(limits, Device.Cpu).Erf();
        var bounds = ends.ToArray<double>();
        var drawn = Tensor.Empty(tensor.Shape, DType.Float64, tensor.Device).Uniform_(bounds[0], bounds[1]).ErfInv();
        tensor.Copy_((drawn * (standardDeviation * Math.Sqrt(2)) + mean).Clamp(low, high));
    }

    /// <summary>
    /// The gain that keeps the variance constant across an activation: the values of PyTorch's calculate_gain.
    /// </summary>
    /// <param name="activation">
    /// The class name of the activation or layer: Linear, Conv1d, Conv2d, ConvTranspose1d, ConvTranspose2d, Sigmoid,
    /// Tanh, ReLU, LeakyReLU or SELU.
    /// </param>
    /// <param name="negativeSlope">The slope of LeakyReLU.</param>
    /// <exception cref="ArgumentException">No gain is known for the activation.</exception>
    public static double Gain(string activation, double negativeSlope = 0.01) => activation switch
    {
        "Linear" or "Conv1d" or "Conv2d" or "ConvTranspose1d" or "ConvTranspose2d" or "Sigmoid" => 1,
        "Tanh" => 5.0 / 3,
        "ReLU" => Math.Sqrt(2),
        "LeakyReLU" => Math.Sqrt(2 / (1 + negativeSlope * negativeSlope)),
        "SELU" => 0.75,
        null => throw new ArgumentNullException(nameof(activation)),
        _ => throw new ArgumentException($"no gain is known for {activation}", nameof(activation)),
    };

    /// <summary>
    /// PyTorch's default initialization of a layer: Kaiming-uniform with slope sqrt(5) for the weight, whose bound is 1
    /// / sqrt(fan_in), and uniform with the same bound for the bias.
    /// </summary>
    internal static void DefaultLayer(Tensor weight, Tensor? bias)
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

    // The fans of a weight (out, in, kernel...): the number of products in a sum of the forward and the backward pass.
    private static (double In, double Out) Fans(Tensor weight)
    {
        ArgumentNullException.ThrowIfNull(weight);
        var shape = weight.Shape;
        if (shape.Length < 2)
            throw new ShapeException(
                $"Init: the tensor must have at least two dimensions (out, in, ...), got {shape.Length}");
        var kernel = 1.0;
        for (var i = 2; i < shape.Length; i++)
            kernel *= shape[i];
        return (shape[1] * kernel, shape[0] * kernel);
    }
}
