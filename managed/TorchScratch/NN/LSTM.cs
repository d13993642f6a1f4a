// Long short-term memory: Hochreiter and Schmidhuber (1997), Gers, Schmidhuber, Cummins (2000).

namespace TorchScratch.NN;

/// <summary>
/// With gates i, f, o = sigmoid and g = tanh of W_ih x_t + b_ih + W_hh h_(t-1) + b_hh: c_t = f c_(t-1) + i g and
/// h_t = o tanh(c_t). In layers, and in both directions if asked for.
/// </summary>
public sealed class LSTM : RecurrentModule<(Tensor Output, (Tensor Hidden, Tensor Cell) State)>
{
    /// <summary>Layers with PyTorch's first values.</summary>
    /// <param name="inputSize">Features of the input.</param>
    /// <param name="hiddenSize">Features of a layer's output, in each direction.</param>
    /// <param name="numLayers">Layers, each over the one before.</param>
    /// <param name="bias">Whether there are biases.</param>
    /// <param name="batchFirst">Whether the batch comes before the time.</param>
    /// <param name="dropout">In training, the probability that an element between two layers is dropped.</param>
    /// <param name="bidirectional">Whether each layer also runs backwards in time.</param>
    /// <param name="dtype">Element type; the default one if not given.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public LSTM(int inputSize, int hiddenSize, int numLayers = 1, bool bias = true, bool batchFirst = false, double dropout = 0,
        bool bidirectional = false, DType? dtype = null)
        : base(4, inputSize, hiddenSize, numLayers, bias, batchFirst, dropout, bidirectional, dtype)
    {
    }

    /// <summary>Outputs of the last layer at all steps, and every layer's state at the last step.</summary>
    /// <param name="input">The sequences.</param>
    /// <param name="state">The state at first, each (layers * directions, N, hidden); zeros if not given.</param>
    public (Tensor Output, (Tensor Hidden, Tensor Cell) State) Call(Tensor input, (Tensor Hidden, Tensor Cell)? state) =>
        CallWith(input, x => Forward(x, state));

    /// <inheritdoc/>
    public override (Tensor Output, (Tensor Hidden, Tensor Cell) State) Forward(Tensor input) => Forward(input, null);

    private protected override Tensor? InputBias(DirectionParameters parameters) => parameters.Bias;

    private protected override Tensor[] Step(Tensor inputSums, Tensor[] state, DirectionParameters parameters)
    {
        var sums = inputSums + Functional.Linear(state[0], parameters.HiddenWeight);
        var (hidden, cell) = RecurrentGates.Lstm(sums, state[1]);
        return [hidden, cell];
    }

    private (Tensor Output, (Tensor Hidden, Tensor Cell) State) Forward(Tensor input, (Tensor Hidden, Tensor Cell)? state)
    {
        var (output, end) = Run(input, state is var (hidden, cell) ? [hidden, cell] : null, 2);
        return (output, (end[0], end[1]));
    }
}
