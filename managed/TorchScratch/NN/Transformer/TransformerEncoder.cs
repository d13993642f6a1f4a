// A stack of transformer encoder layers.

namespace TorchScratch.NN;

/// <summary>A stack of encoder layers, followed by an optional normalization.</summary>
public sealed class TransformerEncoder : Module<Tensor, Tensor>
{
    private readonly ModuleList<TransformerEncoderLayer> _layers;
    private readonly LayerNorm? _norm;

    /// <summary>A stack of layers, each initialized separately.</summary>
    /// <param name="encoderLayer">Creates a layer; called once for each layer.</param>
    /// <param name="numLayers">The number of layers.</param>
    /// <param name="norm">Applied after the last layer; usually needed with normFirst.</param>
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
    public Tensor Call(Tensor src, Tensor? mask, Tensor? srcKeyPaddingMask = null, bool isCausal = false)
    {
        ArgumentNullException.ThrowIfNull(src);
        return CallWith(src, x => Forward(x, mask, srcKeyPaddingMask, isCausal));
    }

    /// <summary>An empty cache for each layer, for generation.</summary>
    /// <param name="capacity">The largest number of positions.</param>
    public IReadOnlyList<KeyValueCache> NewCaches(int capacity) =>
        [.. _layers.Select(_ => new KeyValueCache(capacity))];

    /// <summary>
    /// The output for new positions of a sequence, each of which attends to all earlier ones: decoder-only generation,
    /// position by position.
    /// </summary>
    /// <param name="src">The new positions.</param>
    /// <param name="caches">
    /// The caches of the layers, from <see cref="NewCaches"/>; extended by the new positions.
    /// </param>
    /// <exception cref="ArgumentException">The number of caches is not the number of layers.</exception>
    public Tensor Call(Tensor src, IReadOnlyList<KeyValueCache> caches)
    {
        ArgumentNullException.ThrowIfNull(src);
        ArgumentNullException.ThrowIfNull(caches);
        if (caches.Count != _layers.Count)
            throw new ArgumentException($"{_layers.Count} layers need as many caches, got {caches.Count}",
                nameof(caches));
        return CallWith(src, x => Forward(x, (i, y) => _layers[i].Call(y, caches[i])));
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return Forward(input, null, null, false);
    }

    private Tensor Forward(Tensor x, Tensor? mask, Tensor? keyPadding, bool isCausal) =>
        Forward(x, (i, y) => _layers[i].Call(y, mask, keyPadding, isCausal));

    private Tensor Forward(Tensor x, Func<int, Tensor, Tensor> layer)
    {
        for (var i = 0; i < _layers.Count; i++)
            x = layer(i, x);
        return _norm is null ? x : _norm.Call(x);
    }
}
