// Layers of an encoder one after the other.

namespace TorchScratch.NN;

/// <summary>A stack of encoder layers, and a normalization behind them if there is one.</summary>
public sealed class TransformerEncoder : Module<Tensor, Tensor>
{
    private readonly ModuleList<TransformerEncoderLayer> _layers;
    private readonly LayerNorm? _norm;

    /// <summary>A stack of layers, each with first values of its own.</summary>
    /// <param name="encoderLayer">Makes a layer.</param>
    /// <param name="numLayers">The number of layers.</param>
    /// <param name="norm">Behind the last layer; mostly with normFirst.</param>
    public TransformerEncoder(Func<TransformerEncoderLayer> encoderLayer, int numLayers, LayerNorm? norm = null)
    {
        ArgumentNullException.ThrowIfNull(encoderLayer);
        ArgumentOutOfRangeException.ThrowIfLessThan(numLayers, 1);
        _layers = RegisterModule("layers", new ModuleList<TransformerEncoderLayer>(Enumerable.Range(0, numLayers).Select(_ => encoderLayer())));
        if (norm is not null)
            _norm = RegisterModule("norm", norm);
    }

    /// <summary>The layers.</summary>
    public IReadOnlyList<TransformerEncoderLayer> Layers => _layers;

    /// <summary>The output of the stack; masks as in <see cref="TransformerEncoderLayer"/>.</summary>
    public Tensor Call(Tensor src, Tensor? mask, Tensor? srcKeyPaddingMask = null, bool isCausal = false) =>
        CallWith(src, x => Forward(x, mask, srcKeyPaddingMask, isCausal));

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Forward(input, null, null, false);

    private Tensor Forward(Tensor x, Tensor? mask, Tensor? keyPadding, bool isCausal)
    {
        foreach (var layer in _layers)
            x = layer.Call(x, mask, keyPadding, isCausal);
        return _norm is null ? x : _norm.Call(x);
    }
}
