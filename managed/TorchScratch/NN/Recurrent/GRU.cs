// Gated recurrent units: Cho et al. (2014).

namespace TorchScratch.NN;

/// <summary>
/// r, z = sigmoid of W_ih x_t + b_ih + W_hh h_(t-1) + b_hh; n = tanh(W_in x_t + b_in + r (W_hn h_(t-1) + b_hn));
/// h_t = (1 - z) n + z h_(t-1). In layers, and in both directions if asked for.
/// </summary>
public sealed class GRU : RecurrentModule<(Tensor Output, Tensor Hidden)>
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
    public GRU(int inputSize, int hiddenSize, int numLayers = 1, bool bias = true, bool batchFirst = false,
        double dropout = 0,
        bool bidirectional = false, DType? dtype = null)
        : base(3, inputSize, hiddenSize, numLayers, bias, batchFirst, dropout, bidirectional, dtype)
    {
    }

    /// <summary>Outputs of the last layer at all steps, and every layer's at the last step.</summary>
    /// <param name="input">The sequences.</param>
    /// <param name="hidden">The state at first, (layers * directions, N, hidden); zeros if not given.</param>
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
