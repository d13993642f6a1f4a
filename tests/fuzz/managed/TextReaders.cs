// Readers of text: tokenizers, and the metrics of a run.

using TorchScratch.Data;
using TorchScratch.Training;

namespace TorchScratch.Fuzz.Files;

internal static class TextReaders
{
    private const string Text = "the quick brown fox jumps over the lazy dog, the dog sleeps; Ünïcödé 123 <end> the";

    public static IEnumerable<FileReader> All() => [new Characters(), new BytePairs(), new Metrics()];

    private sealed class Characters : FileReader
    {
        public override string Name => "CharTokenizer";

        public override string FileName => "characters.json";

        public override bool KnowsItsLength => true;

        public override IEnumerable<byte[]> Seeds() => new[] { Text, "ab", "\"\\\n\t" }
            .Select(text => Written(FileName, path => new CharTokenizer(text).Save(path)));

        public override void Read(string path)
        {
            var tokenizer = CharTokenizer.Load(path);
            var text = tokenizer.Characters;
            if (tokenizer.Decode(tokenizer.Encode(text)) != text)
                throw new InvalidOperationException("the text changed");
        }
    }

    private sealed class BytePairs : FileReader
    {
        public override string Name => "BytePairTokenizer";

        public override string FileName => "pairs.json";

        public override bool KnowsItsLength => true;

        public override IEnumerable<byte[]> Seeds()
        {
            yield return Written(FileName, path => BytePairTokenizer.Train(Text, 280, ["<end>"]).Save(path));
            yield return Written(FileName, path => new BytePairTokenizer([]).Save(path));
            // Each token twice the last one: as long as tokens can get.
            yield return Written(FileName, path => new BytePairTokenizer(
                [.. Enumerable.Range(0, 10).Select(i => i == 0 ? (97, 97) : (255 + i, 255 + i))], "<a>", "<b>").Save(path));
        }

        public override void Read(string path)
        {
            var tokenizer = BytePairTokenizer.Load(path);
            if (tokenizer.Decode(tokenizer.Encode(Text, recognizeSpecial: true)) != Text)
                throw new InvalidOperationException("the text changed");
        }
    }

    private sealed class Metrics : FileReader
    {
        public override string Name => "RunFolder";

        public override string FileName => "metrics.csv";

        public override IEnumerable<byte[]> Seeds()
        {
            yield return Written("run/metrics.csv", path =>
            {
                using var run = RunFolder.Create(Path.GetDirectoryName(path)!);
                run.Log(1, 0, [new NamedValue("train/loss", 0.5), new NamedValue("accuracy", 0.25, IsFraction: true)]);
                run.Log(2, 0, [new NamedValue("train/loss", double.NaN)]);
                run.Flush();
            });
            yield return "step,epoch\n"u8.ToArray();
        }

        public override void Read(string path)
        {
            using var run = RunFolder.Open(Path.GetDirectoryName(path)!);
            run.CutAfter(1);
            run.Log(5, 1, [new NamedValue("train/loss", 0.1)]);
            run.WriteReport();
        }
    }
}
