// Long short-term memory: Hochreiter and Schmidhuber (1997), Gers, Schmidhuber, Cummins (2000).

namespace TorchScratch.NN;

/// <summary>
/// With gates i, f, o = sigmoid and g = tanh of W_ih x_t + b_ih + W_hh h_(t-1) + b_hh: c_t = f c_(t-1) + i g and
/// h_t = o tanh(c_t), or W_hr o tanh(c_t) with a projection (Sak, Senior, Beaufays, 2014). In layers, and in both
/// directions if asked for.
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
    /// <param name="projSize">
    /// Features that the outputs are projected to, fewer than hiddenSize; 0 for no projection.
    /// </param>
    /// <param name="dtype">Element type; the default one if not given.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public LSTM(int inputSize, int hiddenSize, int numLayers = 1, bool bias = true, bool batchFirst = false,
        double dropout = 0,
        bool bidirectional = false, int projSize = 0, DType? dtype = null)
        : base(4, inputSize, hiddenSize, numLayers, bias, batchFirst, dropout, bidirectional, dtype, projSize)
    {
    }

    /// <summary>Features that the outputs are projected to; 0 for no projection.</summary>
    public new int ProjSize => base.ProjSize;

    /// <summary>Outputs of the last layer at all steps, and every layer's state at the last step.</summary>
    /// <param name="input">The sequences.</param>
    /// <param name="state">The state at first, each (layers * directions, N, hidden), the first (..., projSize) with a
    /// projection; zeros if not given.</param>
    public (Tensor Output, (Tensor Hidden, Tensor Cell) State) Call(Tensor input,
        (Tensor Hidden, Tensor Cell)? state) =>
        CallWith(input, x => Forward(x, state));

    /// <inheritdoc/>
    public override (Tensor Output, (Tensor Hidden, Tensor Cell) State) Forward(Tensor input) => Forward(input, null);

    private protected override Tensor? InputBias(DirectionParameters parameters) => parameters.Bias;

    private protected override (Tensor Output, Tensor[] State) RunSteps(Tensor inputSums, Tensor[] state,
        DirectionParameters parameters, bool isReversed)
    {
        if (parameters.Projection is not null)
            return base.RunSteps(inputSums, state, parameters, isReversed);
        var (output, cell) = Functional.LstmLayer(inputSums, state[0], state[1], parameters.HiddenWeight, isReversed);
        return (output, [output.Select(0, isReversed ? 0 : -1), cell]);
    }

    private protected override Tensor[] Step(Tensor inputSums, Tensor[] state, DirectionParameters parameters)
    {
        var (hidden, cell) = RecurrentGates.Lstm(inputSums + Functional.Linear(state[0], parameters.HiddenWeight),
            state[1]);
        return [Functional.Linear(hidden, parameters.Projection!), cell];
    }

    private (Tensor Output, (Tensor Hidden, Tensor Cell) State) Forward(Tensor input,
        (Tensor Hidden, Tensor Cell)? state)
    {
        var (output, end) = Run(input, state is var (hidden, cell) ? [hidden, cell] : null, 2);
        return (output, (end[0], end[1]));
    }
}
