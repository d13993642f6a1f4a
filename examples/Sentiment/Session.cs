// One run: sentences, both networks, the comparison, the pictures.

using System.Globalization;
using TorchScratch.NN;

namespace TorchScratch.Examples.Sentiment;

internal sealed class Session(Options options, TextWriter output)
{
    private const int TrainingSentences = 10_000;
    private const int TestSentences = 2000;

    public void Run(CancellationToken cancellation)
    {
        var plan = Plan();
        Directory.CreateDirectory(options.OutputFolder);
        var (training, test) = Sentences(plan);
        var vocabulary = new Vocabulary(training);
        var length = 1 + training.Concat(test).Max(sentence => sentence.Words.Length);
        var (tokens, labels) = (vocabulary.Encode(training, length), Labels(training));
        var testTokens = vocabulary.Encode(test, length);
        Runtime.ManualSeed(plan.Seed);

        using var model = new AttentionClassifier(vocabulary.Count);
        output.WriteLine(
            $"sentences: {training.Count} to learn from, {test.Count} to test with, {vocabulary.Count - 3} words");
        output.WriteLine($"attention: {model.Blocks} blocks of {model.Heads} heads, {Count(model)} parameters; " +
            $"{Runtime.NumThreads} threads, {Runtime.SimdTarget}");
        var run = new Training(model, tokens, labels, plan.Epochs, plan.Seed);
        if (options.Resume)
            plan.Restore(options.CheckpointPath, run);
        run.Run(plan.Done, (epoch, loss, seconds) =>
        {
            Report(epoch, plan.Epochs, loss, Share(Training.Answers(model, testTokens), test), seconds);
            (plan with { Done = epoch, Random = Runtime.RandomState }).Save(options.CheckpointPath, run);
        }, cancellation);

        using var bag = new BagOfWords(vocabulary.Count);
        output.WriteLine($"bag of words: {Count(bag)} parameters");
        new Training(bag, tokens, labels, plan.Epochs, plan.Seed).Run(0, (epoch, loss, seconds) =>
        {
            if (epoch == plan.Epochs)
                Report(epoch, plan.Epochs, loss, Share(Training.Answers(bag, testTokens), test), seconds);
        }, cancellation);

        Compare(test, Training.Answers(model, testTokens), Training.Answers(bag, testTokens));
        Show(model, vocabulary, test);
        model.Save(options.ModelPath);
        File.Delete(options.CheckpointPath);
        output.WriteLine($"model saved to {options.ModelPath}, pictures to {options.PagePath}");
    }

    private Checkpoint Plan()
    {
        var data = options.DataPath is null ? "" : Path.GetFullPath(options.DataPath);
        if (!options.Resume)
            return new(options.Epochs ?? 12, options.Seed ?? 1, data, 0, default);
        var saved = Checkpoint.Open(options.CheckpointPath);
        if ((options.Epochs ?? saved.Epochs) != saved.Epochs || (options.Seed ?? saved.Seed) != saved.Seed ||
            data != saved.Data)
        {
            var sentences = saved.Data.Length == 0 ? "generated sentences" : saved.Data;
            throw new InvalidDataException($"{options.CheckpointPath} is of a run with --epochs {saved.Epochs} " +
                $"--seed {saved.Seed} and {sentences}; give the same, or leave out --resume");
        }
        output.WriteLine($"going on after epoch {saved.Done}");
        return saved;
    }

    private static (IReadOnlyList<Sentence> Training, IReadOnlyList<Sentence> Test) Sentences(Checkpoint plan)
    {
        if (plan.Data.Length > 0)
        {
            var all = SentenceFile.Read(plan.Data);
            return ([.. all.Where((_, i) => i % 5 != 0)], [.. all.Where((_, i) => i % 5 == 0)]);
        }
        var random = new Random((int)(plan.Seed % int.MaxValue));
        return (Grammar.Draw(TrainingSentences, heldOut: false, random),
            Grammar.Draw(TestSentences, heldOut: true, random));
    }

    private void Compare(IReadOnlyList<Sentence> test, bool[] attention, bool[] bag)
    {
        output.WriteLine();
        output.WriteLine("right answers in the test   sentences   attention   bag of words");
        foreach (var kind in test.Select(sentence => sentence.Kind).Distinct().Order())
            Line(kind switch { SentenceKind.TwoClauses => "two clauses", _ => kind.ToString().ToLowerInvariant() },
                sentence => sentence.Kind == kind);
        Line("all", _ => true);
        output.WriteLine();

        void Line(string name, Predicate<Sentence> includes)
        {
            var count = test.Count(sentence => includes(sentence));
            var (ours, theirs) = (Share(attention, test, includes), Share(bag, test, includes));
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{name,-27} {count,9} {100 * ours,9:0.00} % {100 * theirs,12:0.00} %"));
        }
    }

    private void Show(AttentionClassifier model, Vocabulary vocabulary, IReadOnlyList<Sentence> test)
    {
        // The first of each kind, short enough for a terminal; two of the hard ones.
        var chosen = test.GroupBy(sentence => sentence.Kind).OrderBy(group => group.Key)
            .SelectMany(group => group.Where(sentence => sentence.Words.Length <= 16)
                .Take(group.Key == SentenceKind.TwoClauses ? 2 : 1));
        Explanation[] explanations = [.. chosen.Select(sentence => Explanation.Of(model, vocabulary, sentence))];
        foreach (var explanation in explanations)
        {
            output.WriteLine($"\"{explanation.Sentence.Text}\": {explanation.Answer}");
            HeatMap.Draw(output, explanation.Tokens, explanation.MeanOfHeads(model.Blocks - 1),
                HeatMap.TerminalHasColor);
            output.WriteLine();
        }
        AttentionPage.Save(options.PagePath, explanations);
    }

    private void Report(int epoch, int epochs, double loss, double share, double seconds) =>
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"epoch {epoch}/{epochs}  loss {loss:0.0000}  test {100 * share:0.00} %  {seconds:0.0} s"));

    private static double Share(bool[] answers, IReadOnlyList<Sentence> sentences, Predicate<Sentence>? includes = null)
    {
        var meant = sentences.Zip(answers).Where(pair => includes is null || includes(pair.First)).ToList();
        return (double)meant.Count(pair => pair.First.IsPositive == pair.Second) / Math.Max(1, meant.Count);
    }

    private static Tensor Labels(IReadOnlyList<Sentence> sentences) =>
        Tensor.FromArray([.. sentences.Select(sentence => sentence.IsPositive ? 1L : 0)]);

    private static long Count(Module model) => model.Parameters().Sum(parameter => parameter.ElementCount);
}
