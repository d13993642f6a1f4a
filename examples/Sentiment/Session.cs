// One run: sentences, both networks, the comparison, the pictures.

using TorchScratch.NN;
using TorchScratch.Training;

namespace TorchScratch.Examples.Sentiment;

internal sealed class Session(GivenOptions given, TextWriter output)
{
    /// <summary>Trains, tests, draws and saves; returns the exit code.</summary>
    public int Run(CancellationToken cancellation)
    {
        using var run = new ExampleRun(Options.Table, given, Path.Combine("runs", "sentiment"), output);
        SettleSentences(run);
        var file = run.Get(Options.Sentences);
        var data = SentenceData.Of(file, run.Seed);
        run.Open();

        using var model = new AttentionClassifier(data.Vocabulary.Count);
        using var optimizer = Learning.Optimizer(model);
        run.Describe("Praise or blame",
            $"{data.Training.Count} sentences to train on and {data.Test.Count} to test with, " +
            (file.Length == 0 ? "generated. " : $"from {file}. ") +
            "In a heat map, a row shows what one word attends to; the classifier reads [start].",
            model, () => data.Vocabulary.Encode(data.Test.Take(1).ToArray()),
            ("optimizer", "AdamW, warm-up, then a half cosine down to 0"));
        output.WriteLine($"sentences: {data.Training.Count} to train on, {data.Test.Count} to test with, " +
            $"{data.Vocabulary.WordCount} words");
        run.WriteModel($"attention: {model.Blocks} blocks of {model.Heads} heads", model);

        var matrix = new ConfusionMatrix(2, ["blame", "praise"]);
        var loader = Learning.Loader(data, run.Seed);
        var trainer = new Trainer(model, optimizer, (logits, labels) => Functional.CrossEntropy(logits, labels))
        {
            Device = Device.Default,
            TrainingData = loader,
            ValidationData = Learning.TestLoader(data),
            StepSchedulers = [Learning.Schedule(optimizer, (long)run.Epochs * loader.Count)],
            ValidationMetrics = [new Accuracy(), matrix],
            Checkpoints = new CheckpointPlan(run.Folder.CheckpointPath) { Every = TimeSpan.FromSeconds(2) },
            Metadata = run.Plan.Texts,
            Run = run.Folder,
            LogEverySteps = 10,
            Progress = run.Progress,
            EpochEnded = _ => Pictures.Show(run.Folder.Report, Pictures.Explain(model, data)),
        };
        if (run.Fit(trainer, cancellation) is null)
            return ExitCode.Interrupted;

        using var bag = new BagOfWords(data.Vocabulary.Count);
        output.WriteLine($"bag of words, trained the same way: {ExampleRun.ParameterCount(bag)} parameters");
        Learning.TrainBaseline(bag, data, run.Epochs, run.Seed, cancellation);
        Finish(run, model, Comparison.Table(data.Test, Learning.Answers(model, data), Learning.Answers(bag, data)),
            Pictures.Explain(model, data), trainer, matrix);
        return ExitCode.Success;
    }

    private void Finish(ExampleRun run, AttentionClassifier model, string table, Explanation[] explanations,
        Trainer trainer, ConfusionMatrix matrix)
    {
        output.WriteLine();
        output.WriteLine(table);
        output.WriteLine();
        Pictures.Draw(output, explanations);
        // The matrix is empty if a finished run was resumed.
        trainer.Evaluate(trainer.ValidationData!, [matrix]);
        var report = run.Folder.Report;
        Pictures.Show(report, explanations);
        report.AddText("Attention and a bag of words", table);
        run.Folder.WriteReport([matrix]);
        run.SaveModel(model);
    }

    // A resumed run takes the sentences of its checkpoint, unless --data names others.
    private void SettleSentences(ExampleRun run)
    {
        var data = given.Text(Options.Table.Data);
        if (data is null && run.Checkpoint is not null)
            return;
        run.Settle(Options.Sentences, data is null ? "" : Path.GetFullPath(data),
            saved => $"--data {data}: the checkpoint is from a run with " +
                (saved.Length == 0 ? "generated sentences" : saved));
    }
}
