// What batch and instance normalization share: weight, bias and running statistics.

namespace TorchScratch.NN;

/// <summary>The parameters and running statistics of C channels, under PyTorch's names.</summary>
public abstract class RunningNorm : Module<Tensor, Tensor>
{
    private protected RunningNorm(int numFeatures, double eps, double? momentum, bool affine, bool trackRunningStats,
        DType? dtype)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(numFeatures);
        ArgumentOutOfRangeException.ThrowIfNegative(eps);
        (NumFeatures, Eps, Momentum) = (numFeatures, eps, momentum);
        if (affine)
        {
            Weight = RegisterParameter("weight", new Parameter(Tensor.Ones([numFeatures], dtype)));
            Bias = RegisterParameter("bias", new Parameter(Tensor.Zeros([numFeatures], dtype)));
        }
        if (!trackRunningStats)
            return;
        RunningMean = RegisterBuffer("running_mean", Tensor.Zeros([numFeatures], dtype));
        RunningVar = RegisterBuffer("running_var", Tensor.Ones([numFeatures], dtype));
        NumBatchesTracked = RegisterOptionalBuffer("num_batches_tracked", Tensor.FromScalar(0, DType.Int64));
    }

    /// <summary>The number of channels, C.</summary>
    public int NumFeatures { get; }

    /// <summary>Added to the variance, so that its root is not 0.</summary>
    public double Eps { get; }

    /// <summary>The weight of the latest batch in the running statistics; null for the mean over all batches.</summary>
    public double? Momentum { get; }

    /// <summary>The factors of the channels, (C); null if not affine.</summary>
    public Parameter? Weight { get; }

    /// <summary>The biases of the channels, (C); null if not affine.</summary>
    public Parameter? Bias { get; }

    /// <summary>The running means, (C); null if not tracked.</summary>
    public ModuleBuffer? RunningMean { get; }

    /// <summary>The running variances, (C); null if not tracked.</summary>
    public ModuleBuffer? RunningVar { get; }

    /// <summary>The number of batches seen in training, a 0-d Int64 tensor; null if not tracked.</summary>
    public ModuleBuffer? NumBatchesTracked { get; }

    /// <inheritdoc/>
    protected override string Description =>
        $"{NumFeatures}, eps={PythonText.Of(Eps)}, momentum={PythonText.Of(Momentum)}, " +
        $"affine={(Weight is null ? "False" : "True")}, track_running_stats={(RunningMean is null ? "False" : "True")}";

    /// <summary>Resets the running statistics: means to 0, variances to 1.</summary>
    public void ResetRunningStats()
    {
        using var noGrad = Autograd.NoGrad();
        RunningMean?.Value.Zero_();
        RunningVar?.Value.Fill_(1);
        NumBatchesTracked?.Value.Zero_();
    }

    private protected Tensor Checked(Tensor input, params ReadOnlySpan<int> dims)
    {
        ArgumentNullException.ThrowIfNull(input);
        return dims.Contains(input.NDim)
            ? input
            : throw new ShapeException($"{GetType().Name}: input must have {string.Join(" or ", dims.ToArray())} " +
            $"dimensions, got shape {input.ShapeText}");
    }
}
