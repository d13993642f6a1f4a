// The result of a training or evaluation step.

namespace TorchScratch.Training;

/// <summary>The result for a batch. A loss alone is enough: a Tensor converts implicitly.</summary>
/// <param name="Loss">The mean loss of the batch; a tensor of one element.</param>
/// <param name="Predictions">The predictions for the metrics; null for none.</param>
/// <param name="Targets">The targets for the metrics.</param>
/// <param name="Count">
/// The number of samples or tokens that the loss is a mean over; if 0, the number of elements in the targets, or
/// 1 without targets.
/// </param>
public readonly record struct StepOutput(Tensor Loss, Tensor? Predictions = null, Tensor? Targets = null,
    long Count = 0)
{
    /// <summary>A result with a loss only.</summary>
    public static implicit operator StepOutput(Tensor loss)
    {
        ArgumentNullException.ThrowIfNull(loss);
        return new(loss);
    }

    /// <summary>The weight of the batch in a mean.</summary>
    internal long Weight => Count > 0 ? Count : Targets is { ElementCount: > 0 } targets ? targets.ElementCount : 1;
}
