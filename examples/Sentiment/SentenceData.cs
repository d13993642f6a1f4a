// The sentences of a run as tensors, and those it is tested with.

using TorchScratch.Data;

namespace TorchScratch.Examples.Sentiment;

/// <summary>Sentences to learn from and to test with, and the words of the former.</summary>
internal sealed class SentenceData
{
    private const int TrainingSentences = 10_000;
    private const int TestSentences = 2000;

    private SentenceData(IReadOnlyList<Sentence> training, IReadOnlyList<Sentence> test)
    {
        (Training, Test, Vocabulary) = (training, test, new Vocabulary(training));
        Length = 1 + training.Concat(test).Max(sentence => sentence.Words.Length);
    }

    public IReadOnlyList<Sentence> Training { get; }

    public IReadOnlyList<Sentence> Test { get; }

    public Vocabulary Vocabulary { get; }

    /// <summary>Tokens of the longest sentence, with the start token.</summary>
    public int Length { get; }

    /// <summary>What a plan asks for: the sentences of its file, every fifth for the test, or drawn ones.</summary>
    public static SentenceData Of(RunPlan plan)
    {
        if (plan.Data.Length > 0)
        {
            var all = SentenceFile.Read(plan.Data);
            return new([.. all.Where((_, i) => i % 5 != 0)], [.. all.Where((_, i) => i % 5 == 0)]);
        }
        var random = new Random((int)(plan.Seed % int.MaxValue));
        return new(Grammar.Draw(TrainingSentences, heldOut: false, random),
            Grammar.Draw(TestSentences, heldOut: true, random));
    }

    /// <summary>Tokens (N, Length) and labels (N), 1 for praise.</summary>
    public TensorDataset Encode(IReadOnlyList<Sentence> sentences) => new(Vocabulary.Encode(sentences, Length),
        Tensor.FromArray([.. sentences.Select(sentence => sentence.IsPositive ? 1L : 0)]));
}
