// Training and prediction of both networks.

using TorchScratch.Data;
using TorchScratch.NN;
using TorchScratch.Optim;
using TorchScratch.Training;

namespace TorchScratch.Examples.Sentiment;

internal static class Learning
{
    private const int BatchSize = 64;
    private const double LearningRate = 3e-3;

    public static DataLoader Loader(SentenceData data, ulong seed) =>
        new(data.Encode(data.Training), BatchSize, shuffle: true, seed);

    public static DataLoader TestLoader(SentenceData data) => new(data.Encode(data.Test), batchSize: 500);

    public static AdamW Optimizer(Module model) => new(model.Parameters(), LearningRate);

    // A warm-up over the first tenth, since attention trains poorly with large initial steps, then a half cosine down
    // to 0 (Loshchilov and Hutter, "SGDR", 2017, formula 5).
    public static LambdaLR Schedule(Optimizer optimizer, long steps) => new(optimizer, step =>
    {
        var progress = (double)step / steps;
        return progress < 0.1 ? progress / 0.1 : 0.5 * (1 + Math.Cos(Math.PI * (progress - 0.1) / 0.9));
    });

    /// <summary>Whether each test sentence is classified as praise.</summary>
    public static bool[] Answers(Module<Tensor, Tensor> model, SentenceData data)
    {
        model.Eval();
        using var noGrad = Autograd.NoGrad();
        using var scope = Tensor.Scope();
        var logits = model.Call(data.Vocabulary.Encode(data.Test, data.Length));
        return Array.ConvertAll(logits.ArgMax(1).ToArray<long>(), answer => answer == 1);
    }

    /// <summary>
    /// Trains a bag of words for comparison. It takes a second, so there is neither progress nor a checkpoint.
    /// </summary>
    public static void TrainBaseline(BagOfWords bag, SentenceData data, int epochs, ulong seed,
        CancellationToken cancellation)
    {
        using var optimizer = Optimizer(bag);
        var loader = Loader(data, seed);
        new Trainer(bag, optimizer, (logits, labels) => Functional.CrossEntropy(logits, labels))
        {
            TrainingData = loader,
            StepSchedulers = [Schedule(optimizer, (long)epochs * loader.Count)],
        }.Fit(epochs, cancellation);
        cancellation.ThrowIfCancellationRequested();
    }
}
