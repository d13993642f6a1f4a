// The training loop and the test.

using System.Diagnostics;
using TorchScratch.Data;
using TorchScratch.NN;
using TorchScratch.Optim;

namespace TorchScratch.Examples.MnistTraining;

internal sealed class Trainer(RunPlan plan, Sequential model, Optimizer optimizer, bool useScope, TextWriter output)
{
    /// <summary>
    /// Trains from a position to the end, or until cancelled; returns the position reached. A step is never left half done.
    /// </summary>
    public RunPosition Train(ImageDataset images, RunPosition position, CancellationToken cancellation)
    {
        var loader = new DataLoader(images, plan.BatchSize, shuffle: true, plan.Seed);
        model.Train();
        while (position.Epoch < plan.Epochs && !cancellation.IsCancellationRequested)
        {
            position = TrainEpoch(loader, position, cancellation);
            if (position.Step < loader.Count)
                break;
            position = new RunPosition(position.Epoch + 1);
        }
        return position;
    }

    /// <summary>What the model answers for each test image.</summary>
    public ConfusionMatrix Test(ImageDataset images)
    {
        var matrix = new ConfusionMatrix(10);
        var loader = new DataLoader(images, batchSize: 500);
        model.Eval();
        using var noGrad = Autograd.NoGrad();
        using var scope = Tensor.Scope();
        foreach (var (inputs, labels) in loader)
        {
            using var step = Tensor.Scope();
            var logits = model.Call(inputs);
            var truths = labels.AsSpan<long>();
            for (var i = 0; i < truths.Length; i++)
                matrix.Add(truths[i], Answer(logits, i));
        }
        return matrix;
    }

    private RunPosition TrainEpoch(DataLoader loader, RunPosition position, CancellationToken cancellation)
    {
        using var bar = new ProgressLine(output);
        var clock = Stopwatch.StartNew();
        var firstStep = position.Step;
        // Not given the token: the loop leaves between two steps, with the position of the next.
        foreach (var batch in loader.Batches(position.Epoch, firstStep, CancellationToken.None))
        {
            using (useScope ? Tensor.Scope() : default)
            {
                var (images, labels) = batch;
                optimizer.LearningRate = LearningRate(position.Epoch * (double)loader.Count + position.Step, loader.Count);
                var logits = model.Call(images);
                var loss = Functional.CrossEntropy(logits, labels);
                optimizer.ZeroGrad();
                loss.Backward();
                optimizer.Step();
                position = Count(position, loss, logits, labels);
            }
            if (useScope)
                batch.Dispose();

            if (bar.IsDue)
                bar.Show((double)position.Step / loader.Count, Describe());
            if (cancellation.IsCancellationRequested)
                break;
        }
        bar.Clear();
        if (position.Step == loader.Count)
            output.WriteLine($"{Describe()}  {clock.Elapsed.TotalSeconds:0.0} s");
        return position;

        string Describe() =>
            $"epoch {position.Epoch + 1}/{plan.Epochs}  step {position.Step}/{loader.Count}  " +
            $"{(position.Step - firstStep) / clock.Elapsed.TotalSeconds:0} steps/s  " +
            $"loss {position.LossSum / position.Seen:0.0000}  accuracy {100.0 * position.Correct / position.Seen:0.00} %";
    }

    // Half a cosine from the first rate to 0: Loshchilov and Hutter, "SGDR" (2017), formula 5, without restarts.
    private double LearningRate(double step, int stepsPerEpoch) =>
        plan.LearningRate * 0.5 * (1 + Math.Cos(Math.PI * step / (stepsPerEpoch * (double)plan.Epochs)));

    private static RunPosition Count(RunPosition position, Tensor loss, Tensor logits, Tensor labels)
    {
        var truths = labels.AsSpan<long>();
        var correct = 0;
        for (var i = 0; i < truths.Length; i++)
            correct += Answer(logits, i) == truths[i] ? 1 : 0;
        return position with
        {
            Step = position.Step + 1,
            LossSum = position.LossSum + loss.ToSingle() * (double)truths.Length,
            Correct = position.Correct + correct,
            Seen = position.Seen + truths.Length,
        };
    }

    private static int Answer(Tensor logits, int row) =>
        System.Numerics.Tensors.TensorPrimitives.IndexOfMax<float>(logits.AsSpan<float>().Slice(row * 10, 10));
}
