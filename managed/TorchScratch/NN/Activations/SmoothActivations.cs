// Activations without corners, or with one at 0.

using System.Globalization;

namespace TorchScratch.NN;

/// <summary>x where positive, else alpha (exp(x) - 1): Clevert, Unterthiner, Hochreiter (2015).</summary>
/// <param name="alpha">Minus the limit at minus infinity.</param>
public sealed class ELU(double alpha = 1) : Module<Tensor, Tensor>
{
    /// <summary>Minus the limit at minus infinity.</summary>
    public double Alpha => alpha;

    /// <inheritdoc/>
    protected override string Description => string.Create(CultureInfo.InvariantCulture, $"alpha={alpha}");

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.Elu(input, alpha);
}

/// <summary>max(0, x) + min(0, alpha (exp(x / alpha) - 1)): Barron (2017).</summary>
/// <param name="alpha">Minus the limit at minus infinity.</param>
public sealed class CELU(double alpha = 1) : Module<Tensor, Tensor>
{
    /// <summary>Minus the limit at minus infinity.</summary>
    public double Alpha => alpha;

    /// <inheritdoc/>
    protected override string Description => string.Create(CultureInfo.InvariantCulture, $"alpha={alpha}");

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.Celu(input, alpha);
}

/// <summary>ELU with the scale at which layers keep mean 0 and variance 1: Klambauer et al. (2017).</summary>
public sealed class SELU : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.Selu(input);
}

/// <summary>log(1 + exp(beta x)) / beta; x itself where beta x is beyond the threshold.</summary>
/// <param name="beta">Sharpness of the bend.</param>
/// <param name="threshold">Where the straight line begins.</param>
public sealed class Softplus(double beta = 1, double threshold = 20) : Module<Tensor, Tensor>
{
    /// <summary>Sharpness of the bend.</summary>
    public double Beta => beta;

    /// <summary>Where the straight line begins.</summary>
    public double Threshold => threshold;

    /// <inheritdoc/>
    protected override string Description =>
        string.Create(CultureInfo.InvariantCulture, $"beta={beta}, threshold={threshold}");

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.Softplus(input, beta, threshold);
}

/// <summary>log(1 / (1 + exp(-x))).</summary>
public sealed class LogSigmoid : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.Logsigmoid(input);
}

/// <summary>x tanh(softplus(x)): Misra (2019).</summary>
public sealed class Mish : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.Mish(input);
}

/// <summary>x / (1 + |x|).</summary>
public sealed class Softsign : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.Softsign(input);
}

/// <summary>x - tanh(x).</summary>
public sealed class Tanhshrink : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.Tanhshrink(input);
}

/// <summary>a sigmoid(b), where a and b are the halves of x along a dimension: Dauphin et al. (2016).</summary>
/// <param name="dim">The dimension to halve.</param>
public sealed class GLU(int dim = -1) : Module<Tensor, Tensor>
{
    /// <summary>The dimension to halve.</summary>
    public int Dim => dim;

    /// <inheritdoc/>
    protected override string Description => string.Create(CultureInfo.InvariantCulture, $"dim={dim}");

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.Glu(input, dim);
}

/// <summary>exp(-x) / sum(exp(-x)) along a dimension.</summary>
/// <param name="dim">The dimension of the sums.</param>
public sealed class Softmin(int dim) : Module<Tensor, Tensor>
{
    /// <summary>The dimension of the sums.</summary>
    public int Dim => dim;

    /// <inheritdoc/>
    protected override string Description => string.Create(CultureInfo.InvariantCulture, $"dim={dim}");

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.Softmin(input, dim);
}

/// <summary>softmax over the channels of (N, C, H, W) or (C, H, W), at each place.</summary>
public sealed class Softmax2d : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => input.Softmax(-3);
}
