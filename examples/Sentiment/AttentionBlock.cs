// One block of a transformer's encoder that tells what its heads looked at.

using TorchScratch.NN;

namespace TorchScratch.Examples.Sentiment;

/// <summary>
/// x + attention(norm(x)), then x + network(norm(x)), for x (N, T, E): Vaswani et al. (2017), with the normalization
/// first as in Xiong et al. (2020).
/// </summary>
internal sealed class AttentionBlock : Module<(Tensor X, Tensor Padding), (Tensor Output, Tensor Weights)>
{
    private readonly LayerNorm _norm1, _norm2;
    private readonly MultiheadAttention _attention;
    private readonly Sequential _network;
    private readonly Dropout _dropout;

    public AttentionBlock(int features, int heads, double dropout)
    {
        _norm1 = RegisterModule("norm1", new LayerNorm(features));
        _attention = RegisterModule("attention", new MultiheadAttention(features, heads, batchFirst: true));
        _norm2 = RegisterModule("norm2", new LayerNorm(features));
        _network = RegisterModule("network", new Sequential(new Linear(features, 2 * features), new GELU(),
            new Linear(2 * features, features)));
        _dropout = RegisterModule("dropout", new Dropout(dropout));
    }

    /// <summary>
    /// The output, (N, T, E), and the weights of each head, (N, heads, T, T): row i is what position i looks at.
    /// </summary>
    /// <param name="input">The positions, and (N, T), true where there is padding.</param>
    public override (Tensor Output, Tensor Weights) Forward((Tensor X, Tensor Padding) input)
    {
        var (x, padding) = input;
        var normalized = _norm1.Call(x);
        var (attended, weights) = _attention.Call(normalized, normalized, normalized, padding,
            averageAttnWeights: false);
        x += _dropout.Call(attended);
        return (x + _dropout.Call(_network.Call(_norm2.Call(x))), weights!);
    }
}
