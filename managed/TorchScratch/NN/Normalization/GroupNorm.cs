// Group normalization: Wu and He (2018).

namespace TorchScratch.NN;

/// <summary>
/// (x - mean) / sqrt(variance + eps) for each sample and group of channels of (N, C, ...), then * weight + bias for
/// each channel.
/// </summary>
public sealed class GroupNorm : Module<Tensor, Tensor>
{
    /// <summary>A layer whose weights are 1 and whose biases are 0.</summary>
    /// <param name="numGroups">The number of groups.</param>
    /// <param name="numChannels">C, divisible by it.</param>
    /// <param name="eps">Added to the variance.</param>
    /// <param name="affine">Whether there are weight and bias.</param>
    /// <param name="dtype">Element type; the default one if not given.</param>
    /// <exception cref="ArgumentException">The channels cannot be divided into the groups.</exception>
    public GroupNorm(int numGroups, int numChannels, double eps = 1e-5, bool affine = true, DType? dtype = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(numGroups, 1);
        if (numChannels % numGroups != 0)
            throw new ArgumentException($"{numChannels} channels cannot be divided into {numGroups} groups",
                nameof(numGroups));
        (NumGroups, NumChannels, Eps) = (numGroups, numChannels, eps);
        if (!affine)
            return;
        Weight = RegisterParameter("weight", new Parameter(Tensor.Ones([numChannels], dtype)));
        Bias = RegisterParameter("bias", new Parameter(Tensor.Zeros([numChannels], dtype)));
    }

    /// <summary>The number of groups.</summary>
    public int NumGroups { get; }

    /// <summary>C.</summary>
    public int NumChannels { get; }

    /// <summary>Added to the variance.</summary>
    public double Eps { get; }

    /// <summary>Factors, (C), if affine.</summary>
    public Parameter? Weight { get; }

    /// <summary>Summands, (C), if affine.</summary>
    public Parameter? Bias { get; }

    /// <inheritdoc/>
    protected override string Description =>
        $"{NumGroups}, {NumChannels}, eps={PythonText.Of(Eps)}, affine={(Weight is null ? "False" : "True")}";

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.GroupNorm(input, NumGroups, Weight, Bias, Eps);
}
