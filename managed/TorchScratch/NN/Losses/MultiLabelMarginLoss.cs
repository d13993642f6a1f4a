// Margins between the classes that apply and those that do not.

namespace TorchScratch.NN;

/// <summary>
/// For scores (N, C) and targets (N, C), whose rows list classes up to the first -1: the sum over listed y and other
/// classes i of max(0, 1 - (x_y - x_i)), over C; reduced over samples.
/// </summary>
/// <param name="reduction">Mean, sum, or none for a loss per sample.</param>
public sealed class MultiLabelMarginLoss(Reduction reduction = Reduction.Mean) : Module<Tensor, Tensor, Tensor>
{
    /// <summary>How the samples' losses become one.</summary>
    public Reduction Reduction => reduction;

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, Tensor target)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(target);
        if (input.NDim is not (1 or 2) || !input.Shape.SequenceEqual(target.Shape))
            throw new ShapeException($"MultiLabelMarginLoss: input {input.ShapeText} and target {target.ShapeText} " +
                "must both be (N, C) or (C)");
        if (input.NDim == 1)
            return LossReduction.Apply(Losses(input.Unsqueeze(0), target.Unsqueeze(0)).Squeeze(0), reduction);
        return LossReduction.Apply(Losses(input, target), reduction);
    }

    private static Tensor Losses(Tensor input, Tensor target)
    {
        // 1 for entries before the first -1.
        var listed = target.Ge(0).To(DType.Int64).Cumprod(1);
        var classes = target * listed;
        // An entry that is not listed adds 0 to class 0.
        var isTarget = Tensor.ZerosLike(target).ScatterAdd(1, classes, listed).Gt(0);
        var scores = input.Gather(1, classes);
        var margins = (1 - (scores.Unsqueeze(2) - input.Unsqueeze(1))).Relu();
        var counted = listed.To(DType.Bool).Unsqueeze(2).LogicalAnd(isTarget.LogicalNot().Unsqueeze(1));
        return (margins * counted.To(input.DType)).Sum((1, 2)) / input.Size(1);
    }
}
