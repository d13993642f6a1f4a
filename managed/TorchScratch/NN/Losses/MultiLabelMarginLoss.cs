// Multi-class hinge loss for samples with several labels.

namespace TorchScratch.NN;

/// <summary>
/// The sum over each label y of a sample and each class i that is not a label of max(0, 1 - (x[y] - x[i])), divided by
/// C, for scores x (N, C) or (C). Targets are Int64 of the same shape: each row lists the labels of its sample and ends
/// with the first -1.
/// </summary>
/// <param name="reduction">How to reduce the losses of the samples: to their mean, their sum, or not at all.</param>
public sealed class MultiLabelMarginLoss(Reduction reduction = Reduction.Mean) : Module<Tensor, Tensor, Tensor>
{
    /// <summary>How the losses of the samples are reduced.</summary>
    public Reduction Reduction => reduction;

    /// <inheritdoc/>
    /// <exception cref="ShapeException">
    /// Input and target differ in shape or have neither 1 nor 2 dimensions.
    /// </exception>
    public override Tensor Forward(Tensor input, Tensor target)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(target);
        if (input.NDim is not (1 or 2) || !input.Shape.SequenceEqual(target.Shape))
            throw new ShapeException("MultiLabelMarginLoss: input and target must both be (N, C) or (C), got shapes " +
                $"{input.ShapeText} and {target.ShapeText}");
        if (input.NDim == 1)
            return LossReduction.Apply(Losses(input.Unsqueeze(0), target.Unsqueeze(0)).Squeeze(0), reduction);
        return LossReduction.Apply(Losses(input, target), reduction);
    }

    private static Tensor Losses(Tensor input, Tensor target)
    {
        // 1 before the first -1 of a row, 0 from there on.
        var listed = target.Ge(0).To(DType.Int64).CumProd(1);
        var classes = target * listed;
        // Entries after the first -1 add 0 to class 0.
        var isTarget = Tensor.ZerosLike(target).ScatterAdd(1, classes, listed).Gt(0);
        var scores = input.Gather(1, classes);
        var margins = (1 - (scores.Unsqueeze(2) - input.Unsqueeze(1))).Relu();
        var counted = listed.To(DType.Bool).Unsqueeze(2).LogicalAnd(isTarget.LogicalNot().Unsqueeze(1));
        return (margins * counted.To(input.DType)).Sum((1, 2)) / input.Size(1);
    }
}
