// A stack of transformer decoder layers.

namespace TorchScratch.NN;

/// <summary>A stack of decoder layers that attend to the same memory, followed by an optional normalization.</summary>
public sealed class TransformerDecoder : Module<Tensor, Tensor, Tensor>
{
    private readonly ModuleList<TransformerDecoderLayer> _layers;
    private readonly LayerNorm? _norm;

    /// <summary>A stack of layers, each initialized separately.</summary>
    /// <param name="decoderLayer">Creates a layer; called once for each layer.</param>
    /// <param name="numLayers">The number of layers.</param>
    /// <param name="norm">Applied after the last layer; usually needed with normFirst.</param>
    public TransformerDecoder(Func<TransformerDecoderLayer> decoderLayer, int numLayers, LayerNorm? norm = null)
    {
        ArgumentNullException.ThrowIfNull(decoderLayer);
        ArgumentOutOfRangeException.ThrowIfLessThan(numLayers, 1);
        _layers = RegisterModule("layers",
            new ModuleList<TransformerDecoderLayer>(Enumerable.Range(0, numLayers).Select(_ => decoderLayer())));
        if (norm is not null)
            _norm = RegisterModule("norm", norm);
    }

    /// <summary>The layers.</summary>
    public IReadOnlyList<TransformerDecoderLayer> Layers => _layers;

    /// <summary>The output of the stack; masks as in <see cref="TransformerDecoderLayer"/>.</summary>
    public Tensor Call(Tensor tgt, Tensor memory, Tensor? tgtMask, Tensor? memoryMask = null,
        Tensor? tgtKeyPaddingMask = null, Tensor? memoryKeyPaddingMask = null, bool isCausal = false)
    {
        ArgumentNullException.ThrowIfNull(tgt);
        ArgumentNullException.ThrowIfNull(memory);
        return CallWith((tgt, memory), input => Run(input,
            (layer, x, to) => layer.Call(x, to, tgtMask, memoryMask, tgtKeyPaddingMask, memoryKeyPaddingMask,
                isCausal)));
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor first, Tensor second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        return Run((first, second), (layer, x, to) => layer.Call(x, to));
    }

    private Tensor Run((Tensor Target, Tensor Memory) input, Func<TransformerDecoderLayer, Tensor, Tensor, Tensor> call)
    {
        var x = input.Target;
        foreach (var layer in _layers)
            x = call(layer, x, input.Memory);
        return _norm is null ? x : _norm.Call(x);
    }
}
