// The elementwise part of a step of recurrent networks.

namespace TorchScratch.NN;

internal static class RecurrentGates
{
    /// <summary>
    /// Hochreiter and Schmidhuber (1997), with forget gates. Given the sums (N, 4 H) of the input, forget, cell and
    /// output gates: c' = sigmoid(f) c + sigmoid(i) tanh(g) and h' = sigmoid(o) tanh(c').
    /// </summary>
    public static (Tensor Hidden, Tensor Cell) Lstm(Tensor sums, Tensor cell)
    {
        var gates = sums.Chunk(4, -1);
        var next = gates[1].Sigmoid() * cell + gates[0].Sigmoid() * gates[2].Tanh();
        return (gates[3].Sigmoid() * next.Tanh(), next);
    }

    /// <summary>
    /// Cho et al. (2014). Given the sums (N, 3 H) of the reset, update and new gates, separately for the input and the
    /// hidden state: n = tanh(in + sigmoid(r) hn) and h' = n + sigmoid(z) (h - n).
    /// </summary>
    public static Tensor Gru(Tensor inputSums, Tensor hiddenSums, Tensor hidden)
    {
        var (fromInput, fromHidden) = (inputSums.Chunk(3, -1), hiddenSums.Chunk(3, -1));
        var reset = (fromInput[0] + fromHidden[0]).Sigmoid();
        var update = (fromInput[1] + fromHidden[1]).Sigmoid();
        var candidate = (fromInput[2] + reset * fromHidden[2]).Tanh();
        return candidate + update * (hidden - candidate);
    }
}
