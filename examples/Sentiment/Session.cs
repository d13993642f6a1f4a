// One run: sentences, both networks, the comparison, the pictures.

using TorchScratch.NN;
using TorchScratch.Training;

namespace TorchScratch.Examples.Sentiment;

internal sealed class Session(ExampleOptions options, TextWriter output)
{
    /// <summary>Trains, tests, draws and saves; returns the exit code.</summary>
    public int Run(CancellationToken cancellation)
    {
        var folder = options.OutputOr(Path.Combine("runs", "sentiment"));
        var checkpoint = options.ResumePath ?? Path.Combine(folder, "checkpoint.safetensors");
        var saved = options.Resume ? RunPlan.Read(checkpoint) : null;
        saved?.Check(options);
        var plan = saved ?? RunPlan.New(options);
        var data = SentenceData.Of(plan);

        using var run = saved is null ? RunFolder.Create(folder) : RunFolder.Open(folder);
        Runtime.ManualSeed(plan.Seed);
        using var model = new AttentionClassifier(data.Vocabulary.Count);
        using var optimizer = Learning.Optimizer(model);
        Describe(run.Report, plan, data, model);
        output.WriteLine($"sentences: {data.Training.Count} to learn from, {data.Test.Count} to test with, " +
            $"{data.Vocabulary.WordCount} words");
        output.WriteLine($"attention: {model.Blocks} blocks of {model.Heads} heads, {Count(model)} parameters; " +
            $"{Runtime.NumThreads} threads, {Runtime.SimdTarget}");

        var matrix = new ConfusionMatrix(2, ["blame", "praise"]);
        using var progress = new ConsoleProgress(output);
        var loader = Learning.Loader(data, plan.Seed);
        var trainer = new Trainer(model, optimizer, (logits, labels) => Functional.CrossEntropy(logits, labels))
        {
            TrainingData = loader,
            ValidationData = Learning.TestLoader(data),
            StepSchedulers = [Learning.Schedule(optimizer, (long)plan.Epochs * loader.Count)],
            ValidationMetrics = [new Accuracy(), matrix],
            Checkpoints = new CheckpointPlan(run.CheckpointPath) { Every = TimeSpan.FromSeconds(2) },
            Metadata = plan.ToTexts(),
            Run = run,
            LogEverySteps = 10,
            Progress = progress,
            EpochEnded = _ => Pictures.Show(run.Report, Pictures.Explain(model, data)),
        };
        var result = ConsoleTraining.Fit(trainer, progress, plan.Epochs, saved is null ? null : checkpoint, output,
            cancellation);
        if (result.Outcome == TrainingOutcome.Cancelled)
            return ExitCode.Interrupted;

        using var bag = new BagOfWords(data.Vocabulary.Count);
        output.WriteLine($"bag of words, trained the same way: {Count(bag)} parameters");
        Learning.TrainBaseline(bag, data, plan, cancellation);
        Finish(run, model, Comparison.Table(data.Test, Learning.Answers(model, data), Learning.Answers(bag, data)),
            Pictures.Explain(model, data), trainer, matrix);
        return ExitCode.Success;
    }

    private void Finish(RunFolder run, AttentionClassifier model, string table, Explanation[] explanations,
        Trainer trainer, ConfusionMatrix matrix)
    {
        output.WriteLine();
        output.WriteLine(table);
        output.WriteLine();
        Pictures.Draw(output, explanations);
        var modelPath = Path.Combine(run.Path, "model.safetensors");
        model.Save(modelPath);
        // A run that was resumed after its last epoch has tested nothing yet.
        trainer.Evaluate(trainer.ValidationData!, [matrix]);
        Pictures.Show(run.Report, explanations);
        run.Report.AddText("Attention and a bag of words", table);
        run.WriteReport([matrix]);
        output.WriteLine($"model saved to {modelPath}");
        output.WriteLine($"report: {run.ReportPath}");
    }

    private static void Describe(Report report, RunPlan plan, SentenceData data, AttentionClassifier model)
    {
        report.Title = "Praise or blame";
        report.Subtitle = $"{data.Training.Count} sentences to learn from and {data.Test.Count} to test with, " +
            (plan.Data.Length == 0 ? "generated. " : $"from {plan.Data}. ") +
            "In a heat map a row is what one word looks at; the classifier reads [start].";
        report.HyperParameters.Add("optimizer", "AdamW, warm-up, half a cosine down to 0");
        report.HyperParameters.Add("epochs", $"{plan.Epochs}");
        report.HyperParameters.Add("seed", $"{plan.Seed}");
        using var scope = Tensor.Scope();
        report.ModelSummary = model.Summary(data.Vocabulary.Encode(data.Test.Take(1).ToArray())).ToString();
    }

    private static long Count(Module model) => model.Parameters().Sum(parameter => parameter.ElementCount);
}
