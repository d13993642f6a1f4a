// How both networks learn.

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

    // Up over the first tenth, since attention learns badly from large first steps, then half a cosine down to 0
    // (Loshchilov and Hutter, "SGDR", 2017, formula 5).
    public static LambdaLR Schedule(Optimizer optimizer, long steps) => new(optimizer, step =>
    {
        var progress = (double)step / steps;
        return progress < 0.1 ? progress / 0.1 : 0.5 * (1 + Math.Cos(Math.PI * (progress - 0.1) / 0.9));
    });

    /// <summary>Whether each of the test's sentences is taken for praise.</summary>
    public static bool[] Answers(Module<Tensor, Tensor> model, SentenceData data)
    {
        model.Eval();
        using var noGrad = Autograd.NoGrad();
        using var scope = Tensor.Scope();
        var logits = model.Call(data.Vocabulary.Encode(data.Test, data.Length));
        return Array.ConvertAll(logits.Argmax(1).ToArray<long>(), answer => answer == 1);
    }

    /// <summary>Trains a bag of words for comparison, in a second: without progress, without a checkpoint.</summary>
    public static void TrainBaseline(BagOfWords bag, SentenceData data, RunPlan plan, CancellationToken cancellation)
    {
        using var optimizer = Optimizer(bag);
        var loader = Loader(data, plan.Seed);
        new Trainer(bag, optimizer, (logits, labels) => Functional.CrossEntropy(logits, labels))
        {
            TrainingData = loader,
            StepSchedulers = [Schedule(optimizer, (long)plan.Epochs * loader.Count)],
        }.Fit(plan.Epochs, cancellation);
        cancellation.ThrowIfCancellationRequested();
    }
}
