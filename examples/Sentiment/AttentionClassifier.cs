// The network: embedding, positions, blocks of attention, classifier.

using TorchScratch.NN;

namespace TorchScratch.Examples.Sentiment;

/// <summary>Maps tokens (N, T) to logits (N, 2) for blame and praise.</summary>
internal sealed partial class AttentionClassifier : Module<Tensor, Tensor>
{
    private const int Features = 32;

    private readonly Embedding _embedding;
    private readonly SinusoidalPositionalEncoding _positions;
    private readonly ModuleList<AttentionBlock> _blocks;
    private readonly LayerNorm _norm;
    private readonly Linear _classifier;

    public AttentionClassifier(int words, int blocks = 2, int heads = 4, double dropout = 0.1)
    {
        (Blocks, Heads) = (blocks, heads);
        _embedding = new Embedding(words, Features, (int)Vocabulary.Padding);
        _positions = new SinusoidalPositionalEncoding(Features, maxLength: 512);
        _blocks = new ModuleList<AttentionBlock>(
            Enumerable.Range(0, blocks).Select(_ => new AttentionBlock(Features, heads, dropout)));
        _norm = new LayerNorm(Features);
        _classifier = new Linear(Features, 2);
    }

    public int Blocks { get; }

    public int Heads { get; }

    public override Tensor Forward(Tensor input) => Explain(input).Logits;

    /// <summary>Returns the logits and, for each block, its attention weights (N, heads, T, T).</summary>
    public (Tensor Logits, Tensor[] Weights) Explain(Tensor tokens)
    {
        var padding = tokens.Eq(Vocabulary.Padding);
        var x = _positions.Call(_embedding.Call(tokens));
        var weights = new Tensor[_blocks.Count];
        for (var i = 0; i < weights.Length; i++)
            (x, weights[i]) = _blocks[i].Call((x, padding));
        // The start token has collected the information of the sentence.
        return (_classifier.Call(_norm.Call(x.Select(1, 0))), weights);
    }
}
