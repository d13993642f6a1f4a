// Instance normalization: Ulyanov, Vedaldi, Lempitsky (2016).

namespace TorchScratch.NN;

/// <summary>
/// (x - mean) / sqrt(variance + eps) * weight + bias, with the mean and variance of each channel of each sample. With
/// running statistics, evaluation uses those.
/// </summary>
public abstract class InstanceNorm : RunningNorm
{
    private protected InstanceNorm(int numFeatures, double eps, double? momentum, bool affine, bool trackRunningStats,
        DType? dtype)
        : base(numFeatures, eps, momentum, affine, trackRunningStats, dtype)
    {
    }

    /// <summary>Normalizes a batch, or a single sample without a batch dimension.</summary>
    private protected Tensor Normalize(Tensor input, int batchedDims)
    {
        Checked(input, batchedDims - 1, batchedDims);
        return input.NDim == batchedDims ? Normalize(input) : Normalize(input.Unsqueeze(0)).Squeeze(0);
    }

    private Tensor Normalize(Tensor input) => Functional.InstanceNorm(input, RunningMean, RunningVar, Weight, Bias,
        IsTraining || RunningMean is null, Momentum ?? 0, Eps);
}

/// <summary>Instance normalization of (N, C, L) or (C, L).</summary>
public sealed class InstanceNorm1d : InstanceNorm
{
    /// <inheritdoc cref="InstanceNorm2d(int, double, double?, bool, bool, DType?)"/>
    public InstanceNorm1d(int numFeatures, double eps = 1e-5, double? momentum = 0.1, bool affine = false,
        bool trackRunningStats = false, DType? dtype = null)
        : base(numFeatures, eps, momentum, affine, trackRunningStats, dtype)
    {
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Normalize(input, 3);
}

/// <summary>Instance normalization of images (N, C, H, W) or (C, H, W).</summary>
public sealed class InstanceNorm2d : InstanceNorm
{
    /// <summary>A layer; if affine, with weights of 1 and biases of 0.</summary>
    /// <param name="numFeatures">The number of channels, C.</param>
    /// <param name="eps">Added to the variance, so that its root is not 0.</param>
    /// <param name="momentum">The weight of the latest batch in the running statistics.</param>
    /// <param name="affine">Whether the layer has a weight and a bias.</param>
    /// <param name="trackRunningStats">Whether to keep running statistics and to use them in evaluation.</param>
    /// <param name="dtype">Element type; the default floating-point type if not given.</param>
    public InstanceNorm2d(int numFeatures, double eps = 1e-5, double? momentum = 0.1, bool affine = false,
        bool trackRunningStats = false, DType? dtype = null)
        : base(numFeatures, eps, momentum, affine, trackRunningStats, dtype)
    {
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Normalize(input, 4);
}

/// <summary>Instance normalization of volumes (N, C, D, H, W) or (C, D, H, W).</summary>
public sealed class InstanceNorm3d : InstanceNorm
{
    /// <inheritdoc cref="InstanceNorm2d(int, double, double?, bool, bool, DType?)"/>
    public InstanceNorm3d(int numFeatures, double eps = 1e-5, double? momentum = 0.1, bool affine = false,
        bool trackRunningStats = false, DType? dtype = null)
        : base(numFeatures, eps, momentum, affine, trackRunningStats, dtype)
    {
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Normalize(input, 5);
}
