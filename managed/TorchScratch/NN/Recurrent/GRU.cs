// Gated recurrent units: Cho et al. (2014).

namespace TorchScratch.NN;

/// <summary>
/// With gates r, z = sigmoid(W_ih x_t + b_ih + W_hh h_(t-1) + b_hh), each with its rows of the weights, and n =
/// tanh(W_in x_t + b_in + r (W_hn h_(t-1) + b_hn)): h_t = (1 - z) n + z h_(t-1). In one or more layers, in one
/// or both directions.
/// </summary>
public sealed class GRU : RecurrentModule<(Tensor Output, Tensor Hidden)>
{
    /// <summary>Layers with PyTorch's default initialization.</summary>
    /// <param name="inputSize">The number of features of the input.</param>
    /// <param name="hiddenSize">The number of features of the hidden state, in each direction.</param>
    /// <param name="numLayers">The number of layers, each of which reads the outputs of the one before.</param>
    /// <param name="bias">Whether there are biases.</param>
    /// <param name="batchFirst">Whether sequences are (N, T, features) rather than (T, N, features).</param>
    /// <param name="dropout">
    /// In training, the probability with which each element between two layers is dropped.
    /// </param>
    /// <param name="bidirectional">Whether each layer also reads the sequence backwards.</param>
    /// <param name="dtype">Element type; the default floating-point type if not given.</param>
    /// <exception cref="ArgumentException">An argument is out of its range.</exception>
    public GRU(int inputSize, int hiddenSize, int numLayers = 1, bool bias = true, bool batchFirst = false,
        double dropout = 0, bool bidirectional = false, DType? dtype = null)
        : base(3, inputSize, hiddenSize, numLayers, bias, batchFirst, dropout, bidirectional, dtype)
    {
    }

    /// <summary>
    /// The outputs of the last layer at all steps, (T, N, directions * hiddenSize), and the hidden state of each layer
    /// after the last step, (numLayers * directions, N, hiddenSize).
    /// </summary>
    /// <param name="input">
    /// The sequences, (T, N, inputSize), (N, T, inputSize) with batchFirst, or (T, inputSize).
    /// </param>
    /// <param name="hidden">
    /// The initial hidden state, (numLayers * directions, N, hiddenSize), without N for a single sequence;
    /// zeros if null.
    /// </param>
    public (Tensor Output, Tensor Hidden) Call(Tensor input, Tensor? hidden) =>
        CallWith(input, x => Forward(x, hidden));

    /// <inheritdoc/>
    public override (Tensor Output, Tensor Hidden) Forward(Tensor input) => Forward(input, null);

    private protected override Tensor[] Step(Tensor inputSums, Tensor[] state, DirectionParameters parameters) =>
        [RecurrentGates.Gru(inputSums, Functional.Linear(state[0], parameters.HiddenWeight, parameters.HiddenBias),
            state[0])];

    private (Tensor Output, Tensor Hidden) Forward(Tensor input, Tensor? hidden)
    {
        var (output, state) = Run(input, hidden is null ? null : [hidden], 1);
        return (output, state[0]);
    }
}
