// The fully connected layer.

namespace TorchScratch.NN;

/// <summary>y = x W^T + b, for x (..., in), W (out, in) and b (out).</summary>
public sealed class Linear : Module<Tensor, Tensor>, ICountsFlops
{
    /// <summary>A layer with PyTorch's first values: both uniform within 1 / sqrt(in).</summary>
    /// <param name="inFeatures">Size of the input's last dimension.</param>
    /// <param name="outFeatures">Size of the output's last dimension.</param>
    /// <param name="bias">Whether to add b.</param>
    /// <param name="dtype">Element type; the default one if not given.</param>
    public Linear(int inFeatures, int outFeatures, bool bias = true, DType? dtype = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(inFeatures);
        ArgumentOutOfRangeException.ThrowIfNegative(outFeatures);
        InFeatures = inFeatures;
        OutFeatures = outFeatures;
        Weight = RegisterParameter("weight", new Parameter(Tensor.Empty([outFeatures, inFeatures], dtype)));
        if (bias)
            Bias = RegisterParameter("bias", new Parameter(Tensor.Empty([outFeatures], dtype)));
        Init.Layer(Weight, Bias);
    }

    /// <summary>Size of the input's last dimension.</summary>
    public int InFeatures { get; }

    /// <summary>Size of the output's last dimension.</summary>
    public int OutFeatures { get; }

    /// <summary>W, (out, in).</summary>
    public Parameter Weight { get; }

    /// <summary>b, (out), if there is one.</summary>
    public Parameter? Bias { get; }

    /// <inheritdoc/>
    protected override string Description =>
        $"in_features={InFeatures}, out_features={OutFeatures}, bias={(Bias is null ? "False" : "True")}";

    long ICountsFlops.CountFlops(object? input, object? output) =>
        ((Tensor)output!).ElementCount * (2 * InFeatures + (Bias is null ? 0 : 1));

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.Linear(input, Weight, Bias);
}
