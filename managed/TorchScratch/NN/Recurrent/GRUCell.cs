// One step of a GRU: Cho et al. (2014).

namespace TorchScratch.NN;

/// <summary>A step of <see cref="GRU"/>.</summary>
/// <param name="inputSize">Features of the input.</param>
/// <param name="hiddenSize">Features of the state.</param>
/// <param name="bias">Whether there are biases.</param>
/// <param name="dtype">Element type; the default one if not given.</param>
public sealed class GRUCell(int inputSize, int hiddenSize, bool bias = true, DType? dtype = null)
    : RecurrentCell<Tensor>(3, inputSize, hiddenSize, bias, dtype)
{
    /// <summary>The state that follows.</summary>
    /// <param name="input">(N, input) or (input).</param>
    /// <param name="hidden">The state before, (N, hidden) or (hidden); zeros if not given.</param>
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
