// Instance normalization: Ulyanov, Vedaldi, Lempitsky (2016).

namespace TorchScratch.NN;

/// <summary>Batch normalization of each sample by itself; without running statistics unless asked for.</summary>
public abstract class InstanceNorm : RunningNorm
{
    private protected InstanceNorm(int numFeatures, double eps, double? momentum, bool affine, bool trackRunningStats,
        DType? dtype)
        : base(numFeatures, eps, momentum, affine, trackRunningStats, dtype)
    {
    }

    /// <summary>Of a batch, or of one sample without the dimension of the batch.</summary>
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
    /// <summary>A layer; affine, its weights are 1 and its biases 0.</summary>
    /// <param name="numFeatures">C.</param>
    /// <param name="eps">Added to the variance.</param>
    /// <param name="momentum">Share of a batch in the running statistics.</param>
    /// <param name="affine">Whether there are weight and bias.</param>
    /// <param name="trackRunningStats">Whether to remember statistics, and to use them in evaluation.</param>
    /// <param name="dtype">Element type; the default one if not given.</param>
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
