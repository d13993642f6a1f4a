// A layer that is linear in each of two inputs.

namespace TorchScratch.NN;

/// <summary>
/// y_o = x1^T W_o x2 + b_o, for x1 (..., in1), x2 (..., in2), W (out, in1, in2), b (out) and y (..., out).
/// </summary>
public sealed class Bilinear : Module<Tensor, Tensor, Tensor>
{
    /// <summary>
    /// A layer with PyTorch's default initialization: W and b are uniform in [-1 / sqrt(in1), 1 / sqrt(in1)).
    /// </summary>
    /// <param name="in1Features">The size of the last dimension of the first input.</param>
    /// <param name="in2Features">The size of the last dimension of the second input.</param>
    /// <param name="outFeatures">The size of the last dimension of the output.</param>
    /// <param name="bias">Whether the layer has a bias b.</param>
    /// <param name="dtype">Element type; the default floating-point type if not given.</param>
    public Bilinear(int in1Features, int in2Features, int outFeatures, bool bias = true, DType? dtype = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(in1Features, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(in2Features, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(outFeatures, 1);
        var bound = 1 / Math.Sqrt(in1Features);
        Weight = RegisterParameter("weight",
            new Parameter(Tensor.Empty([outFeatures, in1Features, in2Features], dtype)));
        Init.Uniform(Weight, -bound, bound);
        if (!bias)
            return;
        Bias = RegisterParameter("bias", new Parameter(Tensor.Empty([outFeatures], dtype)));
        Init.Uniform(Bias, -bound, bound);
    }

    /// <summary>The weight W, (out, in1, in2).</summary>
    public Parameter Weight { get; }

    /// <summary>The bias b, (out); null if the layer has none.</summary>
    public Parameter? Bias { get; }

    /// <inheritdoc/>
    protected override string Description =>
        $"in1_features={Weight.Shape[1]}, in2_features={Weight.Shape[2]}, out_features={Weight.Shape[0]}, " +
        $"bias={(Bias is null ? "False" : "True")}";

    /// <inheritdoc/>
    public override Tensor Forward(Tensor first, Tensor second) => Functional.Bilinear(first, second, Weight, Bias);
}
