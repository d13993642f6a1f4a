// One transformer encoder block, which also returns its attention weights.

using TorchScratch.NN;

namespace TorchScratch.Examples.Sentiment;

/// <summary>
/// x + attention(norm(x)), then x + network(norm(x)), for x (N, T, E): Vaswani et al. (2017), with pre-normalization as
/// in Xiong et al. (2020).
/// </summary>
internal sealed partial class AttentionBlock : Module<(Tensor X, Tensor Padding), (Tensor Output, Tensor Weights)>
{
    private readonly LayerNorm _norm1;
    private readonly MultiheadAttention _attention;
    private readonly LayerNorm _norm2;
    private readonly Sequential _network;
    private readonly Dropout _dropout;

    public AttentionBlock(int features, int heads, double dropout)
    {
        _norm1 = new LayerNorm(features);
        _attention = new MultiheadAttention(features, heads, batchFirst: true);
        _norm2 = new LayerNorm(features);
        _network = new Sequential(new Linear(features, 2 * features), new GELU(),
            new Linear(2 * features, features));
        _dropout = new Dropout(dropout);
    }

    /// <summary>
    /// Returns the output (N, T, E) and the attention weights (N, heads, T, T); row i shows what position i attends to.
    /// </summary>
    /// <param name="input">The features (N, T, E) of the positions, and a mask (N, T) that is true for padding.</param>
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
