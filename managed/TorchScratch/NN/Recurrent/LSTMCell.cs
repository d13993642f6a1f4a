// One step of an LSTM: Hochreiter and Schmidhuber (1997).

namespace TorchScratch.NN;

/// <summary>One step of <see cref="LSTM"/>.</summary>
/// <param name="inputSize">The number of features of the input.</param>
/// <param name="hiddenSize">The number of features of the hidden state.</param>
/// <param name="bias">Whether there are biases.</param>
/// <param name="dtype">Element type; the default floating-point type if not given.</param>
public sealed class LSTMCell(int inputSize, int hiddenSize, bool bias = true, DType? dtype = null)
    : RecurrentCell<(Tensor Hidden, Tensor Cell)>(4, inputSize, hiddenSize, bias, dtype)
{
    /// <summary>The next state.</summary>
    /// <param name="input">(N, inputSize) or (inputSize).</param>
    /// <param name="state">
    /// The previous hidden and cell states, each (N, hiddenSize) or (hiddenSize); zeros if null.
    /// </param>
    public (Tensor Hidden, Tensor Cell) Call(Tensor input, (Tensor Hidden, Tensor Cell)? state) =>
        CallWith(input, x => Forward(x, state));

    /// <inheritdoc/>
    public override (Tensor Hidden, Tensor Cell) Forward(Tensor input) => Forward(input, null);

    private (Tensor Hidden, Tensor Cell) Forward(Tensor input, (Tensor Hidden, Tensor Cell)? state)
    {
        var sums = InputSums(input);
        var (hidden, cell) = state ?? (ZerosFor(input), ZerosFor(input));
        return RecurrentGates.Lstm(sums + HiddenSums(hidden), cell);
    }
}
