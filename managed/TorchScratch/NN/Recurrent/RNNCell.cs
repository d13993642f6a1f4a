// One step of a plain recurrent network: Elman (1990).

namespace TorchScratch.NN;

/// <summary>One step of <see cref="RNN"/>.</summary>
public sealed class RNNCell : RecurrentCell<Tensor>
{
    /// <summary>A cell with PyTorch's default initialization.</summary>
    /// <param name="inputSize">The number of features of the input.</param>
    /// <param name="hiddenSize">The number of features of the hidden state.</param>
    /// <param name="bias">Whether there are biases.</param>
    /// <param name="nonlinearity">Tanh or ReLU.</param>
    /// <param name="dtype">Element type; the default floating-point type if not given.</param>
    public RNNCell(int inputSize, int hiddenSize, bool bias = true, Nonlinearity nonlinearity = Nonlinearity.Tanh,
        DType? dtype = null)
        : base(1, inputSize, hiddenSize, bias, dtype) => Nonlinearity = nonlinearity;

    /// <summary>The function applied to the sums.</summary>
    public Nonlinearity Nonlinearity { get; }

    /// <summary>The next state.</summary>
    /// <param name="input">(N, inputSize) or (inputSize).</param>
    /// <param name="hidden">The previous hidden state, (N, hiddenSize) or (hiddenSize); zeros if null.</param>
    public Tensor Call(Tensor input, Tensor? hidden) => CallWith(input, x => Forward(x, hidden));

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Forward(input, null);

    private Tensor Forward(Tensor input, Tensor? hidden)
    {
        var sums = InputSums(input) + HiddenSums(hidden ?? ZerosFor(input));
        return Nonlinearity == Nonlinearity.Tanh ? sums.Tanh() : sums.Relu();
    }
}
