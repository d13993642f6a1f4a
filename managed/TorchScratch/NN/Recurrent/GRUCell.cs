// One step of a GRU: Cho et al. (2014).

namespace TorchScratch.NN;

/// <summary>One step of <see cref="GRU"/>.</summary>
/// <param name="inputSize">The number of features of the input.</param>
/// <param name="hiddenSize">The number of features of the hidden state.</param>
/// <param name="bias">Whether there are biases.</param>
/// <param name="dtype">Element type; the default floating-point type if not given.</param>
public sealed class GRUCell(int inputSize, int hiddenSize, bool bias = true, DType? dtype = null)
    : RecurrentCell<Tensor>(3, inputSize, hiddenSize, bias, dtype)
{
    /// <summary>The next state.</summary>
    /// <param name="input">(N, inputSize) or (inputSize).</param>
    /// <param name="hidden">The previous hidden state, (N, hiddenSize) or (hiddenSize); zeros if null.</param>
    public Tensor Call(Tensor input, Tensor? hidden) => CallWith(input, x => Forward(x, hidden));

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Forward(input, null);

    private Tensor Forward(Tensor input, Tensor? hidden)
    {
        var sums = InputSums(input);
        hidden ??= ZerosFor(input);
        return RecurrentGates.Gru(sums, HiddenSums(hidden), hidden);
    }
}
