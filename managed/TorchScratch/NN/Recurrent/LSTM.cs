// Long short-term memory: Hochreiter and Schmidhuber (1997), Gers, Schmidhuber, Cummins (2000).

namespace TorchScratch.NN;

/// <summary>
/// With gates i, f, o = sigmoid and g = tanh of W_ih x_t + b_ih + W_hh h_(t-1) + b_hh: c_t = f c_(t-1) + i g and h_t =
/// o tanh(c_t), or W_hr (o tanh(c_t)) with a projection (Sak, Senior, Beaufays, 2014). In one or more layers, in one
/// or both directions.
/// </summary>
public sealed class LSTM : RecurrentModule<(Tensor Output, (Tensor Hidden, Tensor Cell) State)>
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
    /// <param name="projSize">
    /// The number of features that outputs are projected to, less than hiddenSize; 0 for no projection.
    /// </param>
    /// <param name="dtype">Element type; the default floating-point type if not given.</param>
    /// <exception cref="ArgumentException">An argument is out of its range.</exception>
    public LSTM(int inputSize, int hiddenSize, int numLayers = 1, bool bias = true, bool batchFirst = false,
        double dropout = 0, bool bidirectional = false, int projSize = 0, DType? dtype = null)
        : base(4, inputSize, hiddenSize, numLayers, bias, batchFirst, dropout, bidirectional, dtype, projSize)
    {
    }

    /// <summary>The number of features that outputs are projected to; 0 for no projection.</summary>
    public new int ProjSize => base.ProjSize;

    /// <summary>
    /// The outputs of the last layer at all steps, (T, N, directions * features), and the hidden and cell states of
    /// each layer after the last step; features is projSize with a projection, else hiddenSize.
    /// </summary>
    /// <param name="input">
    /// The sequences, (T, N, inputSize), (N, T, inputSize) with batchFirst, or (T, inputSize).
    /// </param>
    /// <param name="state">
    /// The initial hidden and cell states, each (numLayers * directions, N, hiddenSize), with a projection the hidden
    /// state (..., projSize); without N for a single sequence; zeros if null.
    /// </param>
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
