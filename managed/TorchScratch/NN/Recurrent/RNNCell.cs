// One step of a plain recurrent network: Elman (1990).

namespace TorchScratch.NN;

/// <summary>A step of <see cref="RNN"/>.</summary>
public sealed class RNNCell : RecurrentCell<Tensor>
{
    /// <summary>A cell with PyTorch's first values.</summary>
    /// <param name="inputSize">Features of the input.</param>
    /// <param name="hiddenSize">Features of the state.</param>
    /// <param name="bias">Whether there are biases.</param>
    /// <param name="nonlinearity">Tanh or ReLU.</param>
    /// <param name="dtype">Element type; the default one if not given.</param>
    public RNNCell(int inputSize, int hiddenSize, bool bias = true, Nonlinearity nonlinearity = Nonlinearity.Tanh,
        DType? dtype = null)
        : base(1, inputSize, hiddenSize, bias, dtype) => Nonlinearity = nonlinearity;

    /// <summary>What becomes of the sums.</summary>
    public Nonlinearity Nonlinearity { get; }

    /// <summary>The state that follows.</summary>
    /// <param name="input">(N, input) or (input).</param>
    /// <param name="hidden">The state before, (N, hidden) or (hidden); zeros if not given.</param>
    public Tensor Call(Tensor input, Tensor? hidden) => CallWith(input, x => Forward(x, hidden));

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Forward(input, null);

    private Tensor Forward(Tensor input, Tensor? hidden)
    {
        var sums = InputSums(input) + HiddenSums(hidden ?? ZerosFor(input));
        return Nonlinearity == Nonlinearity.Tanh ? sums.Tanh() : sums.Relu();
    }
}
