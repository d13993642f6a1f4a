// The training and test sentences of a run, and their encoding as tensors.

using TorchScratch.Data;

namespace TorchScratch.Examples.Sentiment;

/// <summary>Sentences to train on and to test with, and the vocabulary of the former.</summary>
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

    /// <summary>The number of tokens in the longest sentence, including the start token.</summary>
    public int Length { get; }

    /// <summary>The sentences of a file, every fifth for the test; generated ones if the path is empty.</summary>
    public static SentenceData Of(string file, ulong seed)
    {
        if (file.Length > 0)
        {
            var all = SentenceFile.Read(file);
            return new([.. all.Where((_, i) => i % 5 != 0)], [.. all.Where((_, i) => i % 5 == 0)]);
        }
        var random = new Random((int)(seed % int.MaxValue));
        return new(Grammar.Draw(TrainingSentences, heldOut: false, random),
            Grammar.Draw(TestSentences, heldOut: true, random));
    }

    /// <summary>Tokens (N, Length) and labels (N), 1 for praise.</summary>
    public TensorDataset Encode(IReadOnlyList<Sentence> sentences) => new(Vocabulary.Encode(sentences, Length),
        Tensor.FromArray([.. sentences.Select(sentence => sentence.IsPositive ? 1L : 0)]));
}
