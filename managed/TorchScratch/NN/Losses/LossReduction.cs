// Reduction of losses that are computed here rather than by one operator.

namespace TorchScratch.NN;

internal static class LossReduction
{
    public static Tensor Apply(Tensor losses, Reduction reduction) => reduction switch
    {
        Reduction.Mean => losses.Mean(),
        Reduction.Sum => losses.Sum(),
        _ => losses,
    };
}
