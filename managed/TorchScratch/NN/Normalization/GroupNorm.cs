// Group normalization: Wu and He (2018).

namespace TorchScratch.NN;

/// <summary>
/// (x - mean) / sqrt(variance + eps) * weight + bias, with the mean and variance of each group of channels of each
/// sample of (N, C, ...), and a weight and a bias for each channel.
/// </summary>
public sealed class GroupNorm : Module<Tensor, Tensor>
{
    /// <summary>A layer with weights of 1 and biases of 0.</summary>
    /// <param name="numGroups">The number of groups, a divisor of numChannels.</param>
    /// <param name="numChannels">The number of channels, C.</param>
    /// <param name="eps">Added to the variance, so that its root is not 0.</param>
    /// <param name="affine">Whether the layer has a weight and a bias.</param>
    /// <param name="dtype">Element type; the default floating-point type if not given.</param>
    /// <exception cref="ArgumentException">numChannels is not divisible by numGroups.</exception>
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

    /// <summary>The number of channels, C.</summary>
    public int NumChannels { get; }

    /// <summary>Added to the variance, so that its root is not 0.</summary>
    public double Eps { get; }

    /// <summary>The factors of the channels, (C); null if not affine.</summary>
    public Parameter? Weight { get; }

    /// <summary>The biases of the channels, (C); null if not affine.</summary>
    public Parameter? Bias { get; }

    /// <inheritdoc/>
    protected override string Description =>
        $"{NumGroups}, {NumChannels}, eps={PythonText.Of(Eps)}, affine={(Weight is null ? "False" : "True")}";

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.GroupNorm(input, NumGroups, Weight, Bias, Eps);
}
