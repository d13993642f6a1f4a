// Batch normalization: Ioffe and Szegedy (2015).

namespace TorchScratch.NN;

/// <summary>
/// (x - mean) / sqrt(variance + eps) * weight + bias for each channel: in training with mean and variance of the batch,
/// which the running ones follow, in evaluation with the running ones.
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
        var share = Momentum ?? 0;
        if (IsTraining && NumBatchesTracked is not null)
        {
            using var noGrad = Autograd.NoGrad();
            NumBatchesTracked.Value.Add_(1);
            share = Momentum ?? 1.0 / NumBatchesTracked.Value.ToInt64();
        }
        return Functional.BatchNorm(input, RunningMean, RunningVar, Weight, Bias, IsTraining || RunningMean is null,
            share, Eps);
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
    /// <summary>A layer whose weights are 1 and whose biases are 0.</summary>
    /// <param name="numFeatures">C.</param>
    /// <param name="eps">Added to the variance.</param>
    /// <param name="momentum">Share of a batch in the running statistics; null for their mean over all batches.</param>
    /// <param name="affine">Whether there are weight and bias.</param>
    /// <param name="trackRunningStats">Whether to remember statistics; else evaluation uses the batch's too.</param>
    /// <param name="dtype">Element type; the default one if not given.</param>
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
