// A leaky ReLU with learned slopes: He, Zhang, Ren, Sun (2015).

namespace TorchScratch.NN;

/// <summary>
/// x where x is positive, slope * x elsewhere, with one slope for all channels of (N, C, ...) or one for each.
/// </summary>
public sealed class PReLU : Module<Tensor, Tensor>
{
    /// <summary>A layer whose slopes all start at the same value.</summary>
    /// <param name="numParameters">The number of slopes: 1, or the number of channels.</param>
    /// <param name="init">The initial slope.</param>
    /// <param name="dtype">Element type; the default floating-point type if not given.</param>
    public PReLU(int numParameters = 1, double init = 0.25, DType? dtype = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(numParameters, 1);
        Weight = RegisterParameter("weight",
            new Parameter(Tensor.Full([numParameters], init, dtype ?? Runtime.DefaultDType)));
    }

    /// <summary>The slopes, (numParameters).</summary>
    public Parameter Weight { get; }

    /// <inheritdoc/>
    protected override string Description => $"num_parameters={Weight.ElementCount}";

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.PRelu(input, Weight);
}
