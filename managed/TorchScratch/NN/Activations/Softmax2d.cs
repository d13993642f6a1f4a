// Softmax over the channels of images.

namespace TorchScratch.NN;

/// <summary>Softmax over the channels of (N, C, H, W) or (C, H, W), at each pixel.</summary>
public sealed class Softmax2d : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return input.Softmax(-3);
    }
}
