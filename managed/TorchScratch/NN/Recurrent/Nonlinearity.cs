// The nonlinearity of a plain recurrent network.

namespace TorchScratch.NN;

/// <summary>The function that <see cref="RNN"/> and <see cref="RNNCell"/> apply to their sums.</summary>
public enum Nonlinearity
{
    /// <summary>The hyperbolic tangent.</summary>
    Tanh,

    /// <summary>max(x, 0).</summary>
    ReLU,
}
