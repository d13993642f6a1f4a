// Tokenizers: lossless encoding, training by the definition, and files.

using System.Diagnostics;
using System.Text;
using TorchScratch.Data;

namespace TorchScratch.Tests.Data;

public sealed class TokenizerTests : IDisposable
{
    private const string Sample =
        "the cat and the hat and the bat; then 12 cats, 1234 hats:\n\n  The end! Größe naïve 日本語 🎉🎉\n";
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void CharactersAreNumberedInOrder()
    {
        var tokenizer = new CharTokenizer("banana 🎉");
        Assert.Equal(" abn🎉", tokenizer.Characters);
        Assert.Equal(5, tokenizer.VocabularySize);
        Assert.Equal([2, 1, 3, 4], tokenizer.Encode("ban🎉"));
        Assert.Equal("nab🎉", tokenizer.Decode([3, 1, 2, 4]));
        var error = Assert.Throws<ArgumentException>(() => tokenizer.Encode("bad"));
        Assert.Contains("character 2 is 'd' (U+0064)", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => tokenizer.Decode([5]));
        Assert.Throws<ArgumentException>(() => new CharTokenizer("\ud83c"));

        tokenizer.Save(_folder["c.json"]);
        Assert.Equal(tokenizer.Characters, CharTokenizer.Load(_folder["c.json"]).Characters);
        Assert.Single(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void TheMostFrequentPairIsMergedFirst()
    {
        // The words are aaab (3 times) and ab (2 times): aa occurs 6 times and ab 5 times; then (aa, a)
        // and (a, b) 3 and 5.
        var tokenizer = BytePairTokenizer.Train("aaab\naaab\naaab\nab\nab", 258);
        Assert.Equal([('a', 'a'), ('a', 'b')], tokenizer.Merges);
        Assert.Equal([256, 257], tokenizer.Encode("aaab"));
        Assert.Equal([256, 257, 257], tokenizer.Encode("aaabab"));
    }

    [Fact]
    public void IncrementalTrainingMatchesTheDefinition()
    {
        var random = new Random(5);
        for (var round = 0; round < 20; round++)
        {
            var words = Enumerable.Range(0, 60).Select(_ => string.Concat(Enumerable.Range(0, random.Next(1, 12))
                .Select(_ => (char)('a' + random.Next(3))))).ToArray();
            Assert.Equal(LearnSimply(words, 40), BytePairTokenizer.Train(string.Join('\n', words), 296).Merges);
        }
    }

    [Fact]
    public void LongWordsAreEncodedLikeShortOnes()
    {
        var random = new Random(6);
        string Word(int length) => string.Concat(Enumerable.Range(0, length).Select(_ => (char)('a' + random.Next(2))));
        var tokenizer = BytePairTokenizer.Train(string.Join('\n', Enumerable.Range(0, 300).Select(_ => Word(10))), 300);
        var encoder = new BytePairEncoder([.. tokenizer.Merges]);
        for (var round = 0; round < 200; round++)
        {
            var bytes = Encoding.UTF8.GetBytes(Word(1 + round % 24));
            var (shortTokens, longTokens) = (new List<int>(), new List<int>());
            encoder.EncodeShort(bytes, shortTokens);
            encoder.EncodeLong(bytes, longTokens);
            Assert.Equal(shortTokens, longTokens);
        }
        // The time must not grow quadratically: 300,000 letters without a space.
        var clock = Stopwatch.StartNew();
        var text = new string('a', 300_000);
        Assert.Equal(text, tokenizer.Decode(tokenizer.Encode(text)));
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 10);
    }

    [Fact]
    public void DecodingRestoresTheText()
    {
        var tokenizer = BytePairTokenizer.Train(Sample, 320, ["<|end|>"]);
        Assert.True(tokenizer.Encode(Sample).Length < Encoding.UTF8.GetByteCount(Sample) * 3 / 4);
        var random = new Random(7);
        for (var round = 0; round < 500; round++)
        {
            var text = new StringBuilder();
            for (var i = random.Next(80); i > 0; i--)
            {
                _ = random.Next(5) switch
                {
                    0 => text.Append(Sample.AsSpan(random.Next(30), 4)),
                    1 => text.Append(RandomRune(random).ToString()),
                    2 => text.Append(" \t\r\n\u00a0\u2003"[random.Next(6)]),
                    3 => text.Append("<|end|>"),
                    _ => text.Append((char)random.Next(128)),
                };
            }
            var original = text.ToString();
            Assert.Equal(original, tokenizer.Decode(tokenizer.Encode(original)));
            Assert.Equal(original, tokenizer.Decode(tokenizer.Encode(original, recognizeSpecial: true)));
        }

        static Rune RandomRune(Random random)
        {
            while (true)
            {
                if (Rune.TryCreate(random.Next(0x110000), out var rune))
                    return rune;
            }
        }
    }

    [Fact]
    public void SpecialTokensAreOneToken()
    {
        var tokenizer = new BytePairTokenizer([], "<s>", "<s>>");
        Assert.Equal(258, tokenizer.VocabularySize);
        Assert.Equal(['a', 256, 257, 'b'], tokenizer.Encode("a<s><s>>b", recognizeSpecial: true));
        Assert.Equal(['<', 's', '>'], tokenizer.Encode("<s>"));
        Assert.Equal(257, tokenizer.SpecialToken("<s>>"));
        Assert.Throws<ArgumentException>(() => tokenizer.SpecialToken("<t>"));
        Assert.Equal("<s>>b", tokenizer.Decode([257, 'b']));
        Assert.Throws<ArgumentOutOfRangeException>(() => tokenizer.Decode([258]));
        // Nothing is learned from them.
        Assert.Empty(BytePairTokenizer.Train("<s><s><s>", 300, ["<s>"]).Merges);
    }

    [Fact]
    public void ATokenizerIsSavedAndLoaded()
    {
        var tokenizer = BytePairTokenizer.Train(Sample, 280, ["<|end|>", "\"quoted\""]);
        tokenizer.Save(_folder["t.json"]);
        var loaded = BytePairTokenizer.Load(_folder["t.json"]);
        Assert.Equal(tokenizer.Merges, loaded.Merges);
        Assert.Equal(tokenizer.SpecialTokens, loaded.SpecialTokens);
        Assert.Equal(tokenizer.Encode(Sample), loaded.Encode(Sample));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{\"format\": \"other\"}")]
    [InlineData("{\"format\": \"torchscratch-byte-pairs\"}")]
    [InlineData("{\"format\": \"torchscratch-byte-pairs\", \"version\": 2}")]
    [InlineData("{\"format\": \"torchscratch-byte-pairs\", \"version\": 1}")]
    [InlineData("{\"format\": \"torchscratch-byte-pairs\", \"version\": 1, \"merges\": [[1]], \"special\": []}")]
    [InlineData("{\"format\": \"torchscratch-byte-pairs\", \"version\": 1, \"merges\": [[1, 256]], \"special\": []}")]
    [InlineData("{\"format\": \"torchscratch-byte-pairs\", \"version\": 1, \"merges\": [[1, 2], [1, 2]], " +
        "\"special\": []}")]
    [InlineData("{\"format\": \"torchscratch-byte-pairs\", \"version\": 1, \"merges\": [[1, 1e9]], \"special\": []}")]
    [InlineData("{\"format\": \"torchscratch-byte-pairs\", \"version\": 1, \"merges\": [], \"special\": [null]}")]
    public void ADamagedFileIsReported(string content)
    {
        File.WriteAllText(_folder["t.json"], content);
        var error = Assert.Throws<TensorIOException>(() => BytePairTokenizer.Load(_folder["t.json"]));
        Assert.Contains("t.json", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TheLengthOfTokensIsLimited()
    {
        var merges = Enumerable.Range(0, 40).Select(i => (i == 0 ? 97 : 255 + i, i == 0 ? 97 : 255 + i)).ToArray();
        Assert.Throws<ArgumentException>(() => new BytePairTokenizer(merges));
    }

    // Every merge makes a token of up to 64 KiB; all of them together would be 6,000 times as large as the file.
    [Fact]
    public void AFileTakesMemoryInProportionToItsSize()
    {
        var merges = new List<(int, int)>();
        for (var i = 0; i < 15; i++)
            merges.Add(i == 0 ? (97, 97) : (255 + i, 255 + i));
        for (var i = 0; i < 250; i++)
            merges.Add((270, i));
        for (var i = 0; i < 20_000; i++)
            merges.Add((271 + i % 250, 97 + i / 250));
        new BytePairTokenizer(merges).Save(_folder["merges"]);
        Assert.InRange(new FileInfo(_folder["merges"]).Length, 0, 300_000);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var tokenizer = BytePairTokenizer.Load(_folder["merges"]);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 20 << 20);
        Assert.Equal(new string('a', 1 << 15) + (char)1, tokenizer.Decode([272]));
        Assert.Equal(new string('a', 1 << 15) + "\u0001b", tokenizer.Decode([271 + 250 + 251]));
    }

    [Fact]
    public void DeeplyNestedTokensAreDecoded()
    {
        var merges = new List<(int, int)>();
        for (var i = 0; i < 60_000; i++)
            merges.Add(i == 0 ? (97, 98) : (255 + i, 98));
        Assert.Equal("a" + new string('b', 60_000), new BytePairTokenizer(merges).Decode([256 + 59_999]));
        for (var i = 1; i < merges.Count; i++)
            merges[i] = (98, 255 + i);
        Assert.Equal(new string('b', 59_999) + "ab", new BytePairTokenizer(merges).Decode([256 + 59_999]));
    }

    [RealDataFact("text/tinyshakespeare.txt")]
    public void AMegabyteIsLearnedInSeconds()
    {
        var text = File.ReadAllText(RealDataFactAttribute.PathOf("text/tinyshakespeare.txt")!);
        var clock = Stopwatch.StartNew();
        var tokenizer = BytePairTokenizer.Train(text, 1000);
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 20);
        Assert.Equal(1000, tokenizer.VocabularySize);
        var tokens = tokenizer.Encode(text);
        Assert.InRange(tokens.Length, text.Length / 4, text.Length / 2);
        Assert.Equal(text, tokenizer.Decode(tokens));
        Assert.Equal(65, new CharTokenizer(text).VocabularySize);
    }

    private static List<(int, int)> LearnSimply(string[] texts, int count)
    {
        var words = texts.Select(text => text.Select(c => (int)c).ToList()).ToList();
        var merges = new List<(int, int)>();
        while (merges.Count < count)
        {
            var best = words.SelectMany(word => word.Zip(word.Skip(1))).CountBy(pair => pair)
                .OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key).FirstOrDefault();
            if (best.Value < 2)
                break;
            foreach (var word in words)
            {
                for (var i = 0; i + 1 < word.Count; i++)
                {
                    if ((word[i], word[i + 1]) == best.Key)
                    {
                        word[i] = 256 + merges.Count;
                        word.RemoveAt(i + 1);
                    }
                }
            }
            merges.Add(best.Key);
        }
        return merges;
    }

    [Fact]
    public void AnyTextIsEncodedOrRefusedWithAReason()
    {
        var pairs = BytePairTokenizer.Train("low lower lowest \U0001F600\U0001F600", 270, ["<|end|>"]);
        var characters = new CharTokenizer("a\U0001F600b");
        Assert.Empty(pairs.Encode(""));
        Assert.Empty(characters.Encode(""));
        Assert.Equal("", pairs.Decode([]));
        Assert.Equal("", characters.Decode([]));
        Assert.Equal(0, new CharTokenizer("").VocabularySize);
        Assert.Equal(256, BytePairTokenizer.Train("", 300).VocabularySize);
        foreach (var text in new[] { "\U0001F468\u200D\U0001F469\u200D\U0001F467", "\0\n\t ", "e\u0301" })
            Assert.Equal(text, pairs.Decode(pairs.Encode(text)));
        Assert.Equal([0, 2, 1], characters.Encode("a\U0001F600b"));
        Assert.Equal("x\uFFFDy", pairs.Decode(pairs.Encode("x\ud83dy")));
        Assert.Contains("at 1", Assert.Throws<ArgumentException>(() => characters.Encode("a\ud83d")).Message,
            StringComparison.Ordinal);
        Assert.Contains("U+007A", Assert.Throws<ArgumentException>(() => characters.Encode("az")).Message,
            StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => pairs.Decode([-1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => characters.Decode([3]));
    }

    [Fact]
    public void AFileThatCannotBeReadOrWrittenIsATypedError()
    {
        using var folder = new TemporaryFolder();
        var tokenizer = new CharTokenizer("ab");
        Assert.Throws<TensorIOException>(() => CharTokenizer.Load(folder["nothing"]));
        File.WriteAllText(folder["file"], "in the way");
        Assert.Throws<TensorIOException>(() => tokenizer.Save(folder["file/tokens.json"]));
        Assert.Equal(["file"], Directory.GetFileSystemEntries(folder.Path).Select(Path.GetFileName));
    }
}
