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
        _layers = RegisterModule("layers",
            new ModuleList<TransformerEncoderLayer>(Enumerable.Range(0, numLayers).Select(_ => encoderLayer())));
        if (norm is not null)
            _norm = RegisterModule("norm", norm);
    }

    /// <summary>The layers.</summary>
    public IReadOnlyList<TransformerEncoderLayer> Layers => _layers;

    /// <summary>The output of the stack; masks as in <see cref="TransformerEncoderLayer"/>.</summary>
    public Tensor Call(Tensor src, Tensor? mask, Tensor? srcKeyPaddingMask = null, bool isCausal = false) =>
        CallWith(src, x => Forward(x, mask, srcKeyPaddingMask, isCausal));

    /// <summary>An empty cache for each layer, to generate with.</summary>
    /// <param name="capacity">Positions that there is room for.</param>
    public IReadOnlyList<KeyValueCache> NewCaches(int capacity) =>
        [.. _layers.Select(_ => new KeyValueCache(capacity))];

    /// <summary>
    /// The output for further positions of a text, each seeing those before it: a decoder without a memory that
    /// generates position by position.
    /// </summary>
    /// <param name="src">The further positions.</param>
    /// <param name="caches">From <see cref="NewCaches"/>: what each layer remembers.</param>
    /// <exception cref="ArgumentException">There are not as many caches as layers.</exception>
    public Tensor Call(Tensor src, IReadOnlyList<KeyValueCache> caches)
    {
        ArgumentNullException.ThrowIfNull(caches);
        if (caches.Count != _layers.Count)
            throw new ArgumentException($"{_layers.Count} layers need a cache each, got {caches.Count}",
                nameof(caches));
        return CallWith(src, x => Forward(x, (i, y) => _layers[i].Call(y, caches[i])));
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Forward(input, null, null, false);

    private Tensor Forward(Tensor x, Tensor? mask, Tensor? keyPadding, bool isCausal) =>
        Forward(x, (i, y) => _layers[i].Call(y, mask, keyPadding, isCausal));

    private Tensor Forward(Tensor x, Func<int, Tensor, Tensor> layer)
    {
        for (var i = 0; i < _layers.Count; i++)
            x = layer(i, x);
        return _norm is null ? x : _norm.Call(x);
    }
}
