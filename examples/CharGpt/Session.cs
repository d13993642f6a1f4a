// One run of the program, from the text to the saved model.

using System.Diagnostics;
using TorchScratch.Data;
using TorchScratch.NN;
using TorchScratch.Optim;
using TorchScratch.Training;

namespace TorchScratch.Examples.CharacterGpt;

internal sealed class Session(ExampleOptions options, GptOptions own, TextWriter output)
{
    private const double Dropout = 0.1;
    private const int WarmUpSteps = 100;
    private const string TextFile = "tinyshakespeare.txt";

    /// <summary>Trains, writes some text after each epoch, and saves; returns the exit code.</summary>
    public int Run(CancellationToken cancellation)
    {
        var folder = options.OutputOr(Path.Combine("runs", "char-gpt"));
        var checkpoint = options.ResumePath ?? Path.Combine(folder, "checkpoint.safetensors");
        var saved = options.Resume ? RunPlan.Read(checkpoint) : null;
        var (source, text) = ReadText();
        var tokenizer = new CharTokenizer(text);
        saved?.Check(options, own, tokenizer.Characters);
        var plan = saved ?? RunPlan.New(options, own, tokenizer.Characters);
        var prompt = Prompt(tokenizer);
        var (trainTokens, validationTokens) = TextDataset.Split(tokenizer.Encode(text));
        var train = TextDataset.Random(trainTokens, plan.Block);
        var validation = TextDataset.Sequential(validationTokens, plan.Block);

        using var run = saved is null ? RunFolder.Create(folder) : RunFolder.Open(folder);
        Runtime.ManualSeed(plan.Seed);
        using var model = new Gpt(new GptShape(tokenizer.VocabularySize, plan.Block), Dropout);
        using var optimizer = new AdamW(model.Parameters(), plan.LearningRate, beta2: 0.99, weightDecay: 0.1);
        output.WriteLine($"text: {source}, {trainTokens.Length} characters to train on, " +
            $"{validationTokens.Length} to validate, {tokenizer.VocabularySize} different ones");
        output.WriteLine($"model: GPT, 4 layers, width 256, 8 heads, block {plan.Block}, " +
            $"{model.Parameters().Sum(parameter => parameter.ElementCount)} parameters; " +
            $"{Runtime.NumThreads} threads, {Runtime.SimdTarget}");
        Describe(run.Report, plan, source, model);

        var loader = new DataLoader(train, plan.BatchSize, shuffle: true, plan.Seed, dropLast: true);
        var steps = (long)plan.Epochs * loader.Count;
        var writer = new Writer(model, tokenizer, own.Temperature ?? 0.8);
        using var progress = new ConsoleProgress(output);
        var clock = Stopwatch.StartNew();
        var trainer = new Trainer(model, optimizer, batch => Step(model, batch))
        {
            TrainingData = loader,
            ValidationData = new DataLoader(validation, plan.BatchSize),
            StepSchedulers = [Schedule(optimizer, steps)],
            ValidationMetrics = [new Perplexity()],
            GradientClipNorm = 1,
            Checkpoints = new CheckpointPlan(run.CheckpointPath) { Every = TimeSpan.FromSeconds(30) },
            Metadata = plan.ToTexts(),
            Run = run,
            Progress = progress,
            EpochEnded = epoch => Show(run.Report, writer, prompt, epoch),
        };
        var result = ConsoleTraining.Fit(trainer, progress, plan.Epochs, saved is null ? null : checkpoint, output,
            cancellation);
        if (result.Outcome == TrainingOutcome.Cancelled)
            return ExitCode.Interrupted;

        var modelPath = Path.Combine(run.Path, "model.safetensors");
        model.Save(modelPath, plan.ToTexts());
        output.WriteLine($"validation loss: {result.Epochs[^1]["validation/loss"]:0.0000}, " +
            $"after {clock.Elapsed.TotalMinutes:0.0} minutes");
        output.WriteLine($"model saved to {Path.GetFullPath(modelPath)}");
        output.WriteLine($"report: {run.ReportPath}");
        return ExitCode.Success;
    }

    private static StepOutput Step(Gpt model, Batch batch)
    {
        var logits = model.Call(batch.Inputs).Flatten(0, 1);
        var targets = batch.Targets.Flatten();
        return new StepOutput(Functional.CrossEntropy(logits, targets), logits, targets);
    }

    // Up within a few steps, as Adam's averages are of little yet, then half a cosine down to a tenth.
    private static LambdaLR Schedule(Optimizer optimizer, long steps)
    {
        var warmUp = Math.Min(WarmUpSteps, steps / 10);
        return new LambdaLR(optimizer, step => step < warmUp
            ? (step + 1.0) / (warmUp + 1)
            : 0.1 + 0.45 * (1 + Math.Cos(Math.PI * (step - warmUp) / Math.Max(1, steps - warmUp))));
    }

    private void Show(Report report, Writer writer, string prompt, EpochResult epoch)
    {
        var text = writer.Continue(prompt, own.SampleLength ?? 300, seed: (ulong)epoch.Epoch);
        report.AddText($"After epoch {epoch.Epoch + 1}, validation loss {epoch["validation/loss"]:0.000}", text);
        output.WriteLine();
        output.WriteLine(text);
        output.WriteLine();
    }

    private (string Source, string Text) ReadText()
    {
        var path = File.Exists(options.Data)
            ? options.Data
            : DataFolder.Find(options.Data, "text", folder => File.Exists(Path.Combine(folder, TextFile))) is { } folder
                ? Path.Combine(folder, TextFile)
                : throw new FileNotFoundException(
                    $"There is no {TextFile}: give a text file, or its folder, with --data");
        return (path, File.ReadAllText(path));
    }

    private string Prompt(CharTokenizer tokenizer)
    {
        var prompt = own.Prompt ?? "\n";
        try
        {
            tokenizer.Encode(prompt);
            return prompt;
        }
        catch (ValueException e)
        {
            throw new OptionConflictException($"--prompt: {e.Message}");
        }
    }

    private static void Describe(Report report, RunPlan plan, string source, Gpt model)
    {
        report.Title = "A GPT that writes, character by character";
        report.Subtitle = source;
        report.HyperParameters.Add("optimizer", "AdamW, warm-up, half a cosine down to a tenth");
        foreach (var (name, value) in plan.ToTexts().Where(entry => entry.Key != "characters"))
            report.HyperParameters.Add(name, value);
        using var scope = Tensor.Scope();
        report.ModelSummary = model.Summary(Tensor.Zeros([1, plan.Block], DType.Int64)).ToString();
    }
}
