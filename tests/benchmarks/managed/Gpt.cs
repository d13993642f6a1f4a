// A character-level language model with pre-norm transformer layers, the same as in peer.py.

using TorchScratch.NN;

namespace TorchScratch.Benchmarks;

internal sealed partial class Gpt : Module<Tensor, Tensor>
{
    public const int Vocabulary = 65, Length = 128, Width = 256;

    private readonly Embedding _tokens, _positions;
    private readonly TransformerEncoder _layers;
    private readonly Linear _head;

    public Gpt()
    {
        _tokens = new Embedding(Vocabulary, Width);
        _positions = new Embedding(Length, Width);
        _layers = new TransformerEncoder(() => new TransformerEncoderLayer(Width, 8, 4 * Width,
            dropout: 0, TransformerActivation.GELU, batchFirst: true, normFirst: true), 4);
        _head = new Linear(Width, Vocabulary);
    }

    public override Tensor Forward(Tensor input)
    {
        var x = _tokens.Call(input) + _positions.Call(Tensor.Arange(Length));
        return _head.Call(_layers.Call(x, null, isCausal: true)).Flatten(0, 1);
    }
}
