// The baseline, which ignores the order of the words.

using TorchScratch.NN;

namespace TorchScratch.Examples.Sentiment;

/// <summary>The mean of the word vectors of a sentence, followed by a network with two hidden layers.</summary>
internal sealed partial class BagOfWords : Module<Tensor, Tensor>
{
    private const int Features = 64;

    private readonly EmbeddingBag _bag;
    private readonly Sequential _network;

    public BagOfWords(int words)
    {
        _bag = new EmbeddingBag(words, Features, paddingIdx: (int)Vocabulary.Padding);
        _network = new Sequential(new Linear(Features, Features), new ReLU(),
            new Linear(Features, Features), new ReLU(), new Linear(Features, 2));
    }

    public override Tensor Forward(Tensor input) => _network.Call(_bag.Call(input));
}
