// The trainer with batches of another type: tokens, of which the next ones are to be predicted.

using TorchScratch.Data;
using TorchScratch.NN;
using TorchScratch.Optim;
using TorchScratch.Training;

namespace TorchScratch.Tests.Training;

public class LanguageModelTests
{
    private const int Tokens = 5;

    [Fact]
    public void AModelOfTokensLearnsWhatFollowsWhat()
    {
        Runtime.ManualSeed(1);
        using var model = new Sequential(new Embedding(Tokens, 16), new Linear(16, Tokens));
        using var optimizer = new Adam(model.Parameters(), 0.05);
        var output = new StringWriter();
        using var progress = new ConsoleProgress(output);
        var perplexity = new Perplexity(classDim: -1);
        var trainer = new Trainer<Tensor>(model, optimizer, tokens =>
        {
            var targets = tokens[.., 1..].Contiguous();
            var logits = model.Call(tokens[.., ..^1]);
            return new StepOutput(Functional.CrossEntropy(logits.Reshape([-1, Tokens]), targets.Reshape([-1])), logits,
                targets);
        })
        {
            TrainingData = new DataLoader<Tensor>(new Counting(), batchSize: 8, shuffle: true, workers: 1),
            ValidationData = new DataLoader<Tensor>(new Counting(), batchSize: 8),
            ValidationMetrics = [perplexity],
            Progress = progress,
        };
        var result = trainer.Fit(5);
        // The perplexity is 1 for certain predictions and 5 for a uniform guess.
        Assert.InRange(perplexity.Value, 1, 1.1);
        Assert.Equal(Math.Exp(result.Epochs[^1]["validation/loss"]), perplexity.Value, 1e-4);
        var lines = output.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(5, lines.Count(line => line.StartsWith("epoch ", StringComparison.Ordinal)));
        Assert.Contains("epoch 5/5  train/loss 0.", lines[^1], StringComparison.Ordinal);
        Assert.DoesNotContain('\r', output.ToString().Replace(Environment.NewLine, "", StringComparison.Ordinal));
    }

    [Fact]
    public void ATrainerWithoutABatchIsNoTraining()
    {
        using var model = new Linear(2, 2);
        using var optimizer = new SGD(model.Parameters(), 0.1);
        var trainer = new Trainer<Tensor>(model, optimizer, batch => model.Call(batch).Sum())
        {
            TrainingData = new DataLoader<Tensor>(new Counting(), batchSize: 8),
        };
        var result = trainer.Fit(0);
        Assert.Equal((TrainingOutcome.Completed, default(TrainingPosition)), (result.Outcome, result.Position));
        Assert.Throws<ArgumentOutOfRangeException>(() => trainer.Fit(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new EarlyStopping(patience: -1));
    }

    // 0 1 2 3 4 0 1 ..., starting at a different token in each sample.
    private sealed class Counting : IBatchDataset<Tensor>
    {
        public int Count => 64;

        public Tensor GetBatch(ReadOnlySpan<int> indices)
        {
            const int Length = 9;
            var tokens = new long[indices.Length * Length];
            for (var i = 0; i < tokens.Length; i++)
                tokens[i] = (indices[i / Length] + i % Length) % Tokens;
            return Tensor.FromArray(tokens, [indices.Length, Length]);
        }
    }
}
