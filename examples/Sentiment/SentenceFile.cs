// Reads sentences from a file.

namespace TorchScratch.Examples.Sentiment;

internal static class SentenceFile
{
    /// <summary>Reads one sentence per line: 1 for praise or 0 for blame, a tab, the words.</summary>
    /// <exception cref="TensorIOException">A line does not have this form, or there are fewer than ten.</exception>
    public static IReadOnlyList<Sentence> Read(string path)
    {
        var sentences = new List<Sentence>();
        var number = 0;
        foreach (var line in File.ReadLines(path))
        {
            number++;
            if (string.IsNullOrWhiteSpace(line))
                continue;
            if (line.Split('\t') is not [var label, var text] || label is not ("0" or "1") ||
                string.IsNullOrWhiteSpace(text))
            {
                throw new TensorIOException(
                    $"{path}, line {number}: expected 0 or 1, a tab and a sentence, got \"{line}\"");
            }
            var words = text.ToLowerInvariant().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            sentences.Add(new(words, label == "1", SentenceKind.Given));
        }
        return sentences.Count >= 10
            ? sentences
            : throw new TensorIOException(
                $"{path}: {sentences.Count} sentences, expected at least ten");
    }
}
