// What a step of training, or of evaluation, tells the trainer.

namespace TorchScratch.Training;

/// <summary>The result of a batch. A loss alone will do: a Tensor converts to it.</summary>
/// <param name="Loss">The mean loss of the batch, one element.</param>
/// <param name="Predictions">What metrics get; null for none.</param>
/// <param name="Targets">What metrics compare with.</param>
/// <param name="Count">Samples, or tokens, that the loss is the mean of; 0 for the elements of the targets, or else
/// 1.</param>
public readonly record struct StepOutput(Tensor Loss, Tensor? Predictions = null, Tensor? Targets = null,
    long Count = 0)
{
    /// <summary>A loss alone.</summary>
    public static implicit operator StepOutput(Tensor loss) => new(loss);

    /// <summary>By how much the batch counts in a mean.</summary>
    internal long Weight => Count > 0 ? Count : Targets is { ElementCount: > 0 } targets ? targets.ElementCount : 1;
}
