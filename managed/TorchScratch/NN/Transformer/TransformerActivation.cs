// The activation of a transformer layer.

namespace TorchScratch.NN;

/// <summary>The activation between the two linear layers of a transformer layer.</summary>
public enum TransformerActivation
{
    /// <summary>max(x, 0).</summary>
    ReLU,

    /// <summary>x Phi(x); see <see cref="NN.GELU"/>.</summary>
    GELU,
}

internal static class TransformerActivations
{
    public static Tensor Apply(this TransformerActivation activation, Tensor x) =>
        activation == TransformerActivation.GELU ? Functional.Gelu(x) : x.Relu();
}
