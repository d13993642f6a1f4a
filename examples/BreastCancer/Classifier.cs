// The network and its training step.

using TorchScratch.Data;
using TorchScratch.NN;
using TorchScratch.Optim;
using TorchScratch.Training;

namespace TorchScratch.Examples.BreastCancer;

internal static class Classifier
{
    private const int BatchSize = 32;

    /// <summary>A network with one output, whose logistic function is the probability of a malignant tumour.</summary>
    public static Sequential Create(int features) => new(new Linear(features, 16), new ReLU(), new Linear(16, 1));

    public static AdamW Optimizer(Sequential model) => new(model.Parameters(), learningRate: 3e-3, weightDecay: 0.1);

    public static DataLoader Loader(CsvDataset rows, ulong seed) => new(rows, BatchSize, shuffle: true, seed);

    /// <summary>The loss of a batch, with predictions (N) and targets (N), which are 1 for malignant.</summary>
    public static StepOutput Step(Sequential model, Batch batch)
    {
        var logits = model.Call(batch.Inputs).Squeeze(1);
        var malignant = batch.Targets.Eq(0);
        return new(Functional.BinaryCrossEntropyWithLogits(logits, malignant.To(DType.Float32)),
            logits.Gt(0).To(DType.Int64), malignant.To(DType.Int64));
    }

    /// <summary>The probability of a malignant tumour for each row.</summary>
    public static float[] Score(Sequential model, CsvDataset rows)
    {
        model.Eval();
        using var noGrad = Autograd.NoGrad();
        using var scope = Tensor.Scope();
        return model.Call(rows.ToBatch().Inputs.To(Device.Default)).Squeeze(1).Sigmoid().ToArray<float>();
    }
}
