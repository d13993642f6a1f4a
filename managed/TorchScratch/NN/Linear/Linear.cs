// The fully connected layer.

namespace TorchScratch.NN;

/// <summary>y = x W^T + b, for x (..., in), W (out, in), b (out) and y (..., out).</summary>
public sealed class Linear : Module<Tensor, Tensor>, ICountsFlops
{
    /// <summary>
    /// A layer with PyTorch's default initialization: W and b are uniform in [-1 / sqrt(in), 1 / sqrt(in)).
    /// </summary>
    /// <param name="inFeatures">The size of the last dimension of the input.</param>
    /// <param name="outFeatures">The size of the last dimension of the output.</param>
    /// <param name="bias">Whether the layer has a bias b.</param>
    /// <param name="dtype">Element type; the default floating-point type if not given.</param>
    public Linear(int inFeatures, int outFeatures, bool bias = true, DType? dtype = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(inFeatures);
        ArgumentOutOfRangeException.ThrowIfNegative(outFeatures);
        InFeatures = inFeatures;
        OutFeatures = outFeatures;
        Weight = RegisterParameter("weight", new Parameter(Tensor.Empty([outFeatures, inFeatures], dtype)));
        if (bias)
            Bias = RegisterParameter("bias", new Parameter(Tensor.Empty([outFeatures], dtype)));
        Init.DefaultLayer(Weight, Bias);
    }

    /// <summary>The size of the last dimension of the input.</summary>
    public int InFeatures { get; }

    /// <summary>The size of the last dimension of the output.</summary>
    public int OutFeatures { get; }

    /// <summary>The weight W, (out, in).</summary>
    public Parameter Weight { get; }

    /// <summary>The bias b, (out); null if the layer has none.</summary>
    public Parameter? Bias { get; }

    /// <inheritdoc/>
    protected override string Description =>
        $"in_features={InFeatures}, out_features={OutFeatures}, bias={(Bias is null ? "False" : "True")}";

    long ICountsFlops.CountFlops(object? input, object? output) =>
        ((Tensor)output!).ElementCount * (2 * InFeatures + (Bias is null ? 0 : 1));

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.Linear(input, Weight, Bias);
}
