// The options of this example, each declared once.

namespace TorchScratch.Examples.Sentiment;

internal static class Options
{
    public static readonly TrainingOptions Table = new("FILE",
        "Sentences, one per line: 0 or 1, a tab, the words; generated if not given", epochs: 12, "runs/sentiment");

    /// <summary>The full path of the file of sentences; empty for generated ones.</summary>
    public static readonly RunOption<string> Sentences = Table.Fact("sentences");
}
