// The network: Radford et al., "Language Models are Unsupervised Multitask Learners" (GPT-2, 2019).

using TorchScratch.NN;

namespace TorchScratch.Examples.CharacterGpt;

/// <summary>
/// Maps tokens (N, T) to logits of the next token at each position, (N, T, vocabulary): embeddings of tokens and
/// positions, layers of causal attention and feedforward networks, a normalization and a linear layer.
/// </summary>
internal sealed partial class Gpt : Module<Tensor, Tensor>
{
    private readonly Embedding _tokens, _positions;
    private readonly Dropout _dropout;
    private readonly TransformerEncoder _layers;
    private readonly Linear _head;

    public Gpt(GptShape shape, double dropout)
    {
        Shape = shape;
        _tokens = new Embedding(shape.Vocabulary, shape.Width);
        _positions = new Embedding(shape.Block, shape.Width);
        _dropout = new Dropout(dropout);
        // An encoder with causal attention is what the GPT papers call a decoder.
        _layers = new TransformerEncoder(() => new TransformerEncoderLayer(
            shape.Width, shape.Heads, 4 * shape.Width, dropout, TransformerActivation.GELU, batchFirst: true,
            normFirst: true), shape.Layers, new LayerNorm(shape.Width));
        _head = new Linear(shape.Width, shape.Vocabulary);
        Initialize();
    }

    public GptShape Shape { get; }

    public override Tensor Forward(Tensor input) =>
        _head.Call(_layers.Call(Embed(input, 0), null, isCausal: true));

    /// <summary>
    /// Logits (N, vocabulary) of the token after the given ones (N, T), which continue the tokens in the caches.
    /// </summary>
    public Tensor Next(Tensor tokens, IReadOnlyList<KeyValueCache> caches) =>
        _head.Call(_layers.Call(Embed(tokens, caches[0].Length), caches).Select(1, -1));

    /// <summary>The same without a cache: all tokens are processed again.</summary>
    public Tensor Next(Tensor tokens) =>
        _head.Call(_layers.Call(Embed(tokens, 0), null, isCausal: true).Select(1, -1));

    public IReadOnlyList<KeyValueCache> NewCaches() => _layers.NewCaches(Shape.Block);

    private Tensor Embed(Tensor tokens, int first) =>
        _dropout.Call(_tokens.Call(tokens) + _positions.Call(
            Tensor.Arange(first, first + tokens.Size(1), device: tokens.Device)));

    // As in GPT-2: small weights, and smaller ones in layers that add to the residual stream.
    private void Initialize()
    {
        foreach (var (name, parameter) in NamedParameters())
        {
            var endsLayer = name.EndsWith("out_proj.weight", StringComparison.Ordinal) ||
                name.EndsWith("linear2.weight", StringComparison.Ordinal);
            if (parameter.Value.NDim == 2)
                Init.Normal(parameter, 0, endsLayer ? 0.02 / Math.Sqrt(2 * Shape.Layers) : 0.02);
            else if (name.EndsWith("bias", StringComparison.Ordinal))
                Init.Constant(parameter, 0);
        }
    }
}
