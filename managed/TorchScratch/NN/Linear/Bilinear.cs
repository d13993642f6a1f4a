// A form that is linear in each of two inputs.

namespace TorchScratch.NN;

/// <summary>y_o = x1^T W_o x2 + b_o, for x1 (..., in1), x2 (..., in2), W (out, in1, in2) and b (out).</summary>
public sealed class Bilinear : Module<Tensor, Tensor, Tensor>
{
    /// <summary>A layer with PyTorch's first values: both uniform within 1 / sqrt(in1).</summary>
    /// <param name="in1Features">Size of the first input's last dimension.</param>
    /// <param name="in2Features">Size of the second input's last dimension.</param>
    /// <param name="outFeatures">Size of the output's last dimension.</param>
    /// <param name="bias">Whether to add b.</param>
    /// <param name="dtype">Element type; the default one if not given.</param>
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

    /// <summary>W, (out, in1, in2).</summary>
    public Parameter Weight { get; }

    /// <summary>b, (out), if there is one.</summary>
    public Parameter? Bias { get; }

    /// <inheritdoc/>
    protected override string Description =>
        $"in1_features={Weight.Shape[1]}, in2_features={Weight.Shape[2]}, out_features={Weight.Shape[0]}, " +
        $"bias={(Bias is null ? "False" : "True")}";

    /// <inheritdoc/>
    public override Tensor Forward(Tensor first, Tensor second) => Functional.Bilinear(first, second, Weight, Bias);
}
