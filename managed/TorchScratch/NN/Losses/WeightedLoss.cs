// What losses with a weight share.

namespace TorchScratch.NN;

/// <summary>A loss whose terms are weighted by a tensor, and then reduced; PyTorch's _WeightedLoss.</summary>
public abstract class WeightedLoss : Module<Tensor, Tensor, Tensor>
{
    private protected WeightedLoss(Tensor? weight, Reduction reduction)
    {
        if (weight is not null)
            Weight = RegisterBuffer("weight", weight);
        Reduction = reduction;
    }

    /// <summary>The weights; null if every weight is 1.</summary>
    public ModuleBuffer? Weight { get; }

    /// <summary>How the losses are reduced.</summary>
    public Reduction Reduction { get; }
}
