// Batch normalization: Ioffe and Szegedy (2015).

namespace TorchScratch.NN;

/// <summary>
/// (x - mean) / sqrt(variance + eps) * weight + bias for each channel. Training uses the mean and variance of the batch
/// and updates the running statistics; evaluation uses the running statistics.
/// </summary>
public abstract class BatchNorm : RunningNorm
{
    private protected BatchNorm(int numFeatures, double eps, double? momentum, bool affine, bool trackRunningStats,
        DType? dtype)
        : base(numFeatures, eps, momentum, affine, trackRunningStats, dtype)
    {
    }

    private protected Tensor Normalize(Tensor input)
    {
        var momentum = Momentum ?? 0;
        if (IsTraining && NumBatchesTracked is not null)
        {
            using var noGrad = Autograd.NoGrad();
            NumBatchesTracked.Value.Add_(1);
            momentum = Momentum ?? 1.0 / NumBatchesTracked.Value.ToInt64();
        }
        return Functional.BatchNorm(input, RunningMean, RunningVar, Weight, Bias, IsTraining || RunningMean is null,
            momentum, Eps);
    }
}

/// <summary>Batch normalization of (N, C) or (N, C, L).</summary>
public sealed class BatchNorm1d : BatchNorm
{
    /// <inheritdoc cref="BatchNorm2d(int, double, double?, bool, bool, DType?)"/>
    public BatchNorm1d(int numFeatures, double eps = 1e-5, double? momentum = 0.1, bool affine = true,
        bool trackRunningStats = true, DType? dtype = null)
        : base(numFeatures, eps, momentum, affine, trackRunningStats, dtype)
    {
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Normalize(Checked(input, 2, 3));
}

/// <summary>Batch normalization of images (N, C, H, W).</summary>
public sealed class BatchNorm2d : BatchNorm
{
    /// <summary>A layer with weights of 1 and biases of 0.</summary>
    /// <param name="numFeatures">The number of channels, C.</param>
    /// <param name="eps">Added to the variance, so that its root is not 0.</param>
    /// <param name="momentum">
    /// The weight of the latest batch in the running statistics: running = (1 - momentum) running + momentum batch.
    /// Null for the mean over all batches.
    /// </param>
    /// <param name="affine">Whether the layer has a weight and a bias.</param>
    /// <param name="trackRunningStats">
    /// Whether to keep running statistics; without them, evaluation uses those of the batch too.
    /// </param>
    /// <param name="dtype">Element type; the default floating-point type if not given.</param>
    public BatchNorm2d(int numFeatures, double eps = 1e-5, double? momentum = 0.1, bool affine = true,
        bool trackRunningStats = true, DType? dtype = null)
        : base(numFeatures, eps, momentum, affine, trackRunningStats, dtype)
    {
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Normalize(Checked(input, 4));
}

/// <summary>Batch normalization of volumes (N, C, D, H, W).</summary>
public sealed class BatchNorm3d : BatchNorm
{
    /// <inheritdoc cref="BatchNorm2d(int, double, double?, bool, bool, DType?)"/>
    public BatchNorm3d(int numFeatures, double eps = 1e-5, double? momentum = 0.1, bool affine = true,
        bool trackRunningStats = true, DType? dtype = null)
        : base(numFeatures, eps, momentum, affine, trackRunningStats, dtype)
    {
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Normalize(Checked(input, 5));
}
