// One run of the program, from the text to the saved model.

using System.Diagnostics;
using TorchScratch.Data;
using TorchScratch.NN;
using TorchScratch.Optim;
using TorchScratch.Training;

namespace TorchScratch.Examples.CharacterGpt;

internal sealed class Session(GivenOptions given, TextWriter output)
{
    private const double Dropout = 0.1;
    private const int WarmUpSteps = 100;

    /// <summary>Trains, writes some text after each epoch, and saves; returns the exit code.</summary>
    public int Run(CancellationToken cancellation)
    {
        using var run = new ExampleRun(Options.Table, given, Path.Combine("runs", "char-gpt"), output);
        var source = PlayText.Find(given.Text(Options.Table.Data), output, cancellation);
        var text = File.ReadAllText(source);
        var tokenizer = new CharTokenizer(text);
        run.Settle(Options.Characters, tokenizer.Characters,
            _ => "the checkpoint is from a run on a text with other characters");
        var prompt = Prompt(tokenizer);
        var (block, batchSize) = (run.Get(Options.Block), run.Get(Options.BatchSize));
        var (trainTokens, validationTokens) = TextDataset.Split(tokenizer.Encode(text));
        var train = TextDataset.Random(trainTokens, block);
        var validation = TextDataset.Sequential(validationTokens, block);
        run.Open();

        using var model = new Gpt(new GptShape(tokenizer.VocabularySize, block), Dropout);
        using var optimizer = new AdamW(model.Parameters(), run.Get(Options.LearningRate), beta2: 0.99,
            weightDecay: 0.1);
        output.WriteLine($"text: {source}, {trainTokens.Length} characters to train on, " +
            $"{validationTokens.Length} to validate, {tokenizer.VocabularySize} different ones");
        run.WriteModel($"model: GPT, 4 layers, width 256, 8 heads, block {block}", model);
        run.Describe("A GPT that writes, character by character", source, model,
            () => Tensor.Zeros([1, block], DType.Int64),
            ("optimizer", "AdamW, warm-up, then a half cosine down to a tenth"));

        var loader = new DataLoader(train, batchSize, shuffle: true, run.Seed, dropLast: true);
        var writer = new Writer(model, tokenizer, given.Get(Options.Temperature));
        var clock = Stopwatch.StartNew();
        var trainer = new Trainer(model, optimizer, batch => Step(model, batch))
        {
            Device = Device.Default,
            TrainingData = loader,
            ValidationData = new DataLoader(validation, batchSize),
            StepSchedulers = [Schedule(optimizer, (long)run.Epochs * loader.Count)],
            ValidationMetrics = [new Perplexity()],
            GradientClipNorm = 1,
            Checkpoints = new CheckpointPlan(run.Folder.CheckpointPath) { Every = TimeSpan.FromSeconds(30) },
            Metadata = run.Plan.Texts,
            Run = run.Folder,
            Progress = run.Progress,
            EpochEnded = epoch => Show(run.Folder.Report, writer, prompt, epoch),
        };
        if (run.Fit(trainer, cancellation) is not { } result)
            return ExitCode.Interrupted;

        output.WriteLine($"validation loss: {result.Epochs[^1]["validation/loss"]:0.0000}, " +
            $"after {clock.Elapsed.TotalMinutes:0.0} minutes");
        run.SaveModel(model, run.Plan.Texts);
        return ExitCode.Success;
    }

    private static StepOutput Step(Gpt model, Batch batch)
    {
        var logits = model.Call(batch.Inputs).Flatten(0, 1);
        var targets = batch.Targets.Flatten();
        return new StepOutput(Functional.CrossEntropy(logits, targets), logits, targets);
    }

    // A short warm-up, since Adam's running averages are unreliable at first, then a half cosine down to a tenth.
    private static LambdaLR Schedule(Optimizer optimizer, long steps)
    {
        var warmUp = Math.Min(WarmUpSteps, steps / 10);
        return new LambdaLR(optimizer, step => step < warmUp
            ? (step + 1.0) / (warmUp + 1)
            : 0.1 + 0.45 * (1 + Math.Cos(Math.PI * (step - warmUp) / Math.Max(1, steps - warmUp))));
    }

    private void Show(Report report, Writer writer, string prompt, EpochResult epoch)
    {
        var text = writer.Continue(prompt, given.Get(Options.SampleLength), seed: (ulong)epoch.Epoch);
        report.AddText($"After epoch {epoch.Epoch + 1}, validation loss {epoch["validation/loss"]:0.000}", text);
        output.WriteLine();
        output.WriteLine(text);
        output.WriteLine();
    }

    private string Prompt(CharTokenizer tokenizer)
    {
        var prompt = given.Text(Options.Prompt) ?? "\n";
        try
        {
            tokenizer.Encode(prompt);
            return prompt;
        }
        catch (ArgumentException e)
        {
            throw new OptionConflictException($"--prompt: {e.Message}");
        }
    }
}
