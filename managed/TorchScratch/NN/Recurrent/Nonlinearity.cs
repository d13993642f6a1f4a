// The function of a plain recurrent layer.

namespace TorchScratch.NN;

/// <summary>What a plain recurrent layer makes of its sums.</summary>
public enum Nonlinearity
{
    /// <summary>Hyperbolic tangent.</summary>
    Tanh,

    /// <summary>max(x, 0).</summary>
    ReLU,
}
