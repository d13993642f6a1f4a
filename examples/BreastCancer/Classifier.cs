// The network, and the loop that trains it.

using TorchScratch.Data;
using TorchScratch.NN;
using TorchScratch.Optim;

namespace TorchScratch.Examples.BreastCancer;

internal static class Classifier
{
    private const int BatchSize = 32;

    /// <summary>Trains on some rows; returns for others the probability of class 0, malignant.</summary>
    public static float[] TrainAndScore(CsvDataset train, CsvDataset test, int epochs, ulong seed)
    {
        // By the training rows' numbers alone: the test rows must have no say.
        var standardizer = Standardizer.Fit(train);
        var loader = new DataLoader(train.Standardize(standardizer), BatchSize, shuffle: true, seed);

        Runtime.ManualSeed(seed);
        using var model = new Sequential(new Linear(train.FeatureCount, 16), new ReLU(), new Linear(16, 1));
        using var optimizer = new AdamW(model.Parameters(), learningRate: 3e-3, weightDecay: 0.1);
        for (var epoch = 0; epoch < epochs; epoch++)
        {
            foreach (var (rows, classes) in loader)
            {
                using var step = Tensor.Scope();
                var loss = Functional.BinaryCrossEntropyWithLogits(model.Call(rows).Squeeze(1), IsMalignant(classes));
                optimizer.ZeroGrad();
                loss.Backward();
                optimizer.Step();
            }
        }

        model.Eval();
        using var noGrad = Autograd.NoGrad();
        using var scope = Tensor.Scope();
        return model.Call(test.Standardize(standardizer).ToBatch().Inputs).Squeeze(1).Sigmoid().ToArray<float>();
    }

    private static Tensor IsMalignant(Tensor classes) => classes.Eq(0).To(DType.Float32);
}
