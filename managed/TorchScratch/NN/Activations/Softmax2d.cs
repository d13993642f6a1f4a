// Softmax over the channels of images.

namespace TorchScratch.NN;

/// <summary>softmax over the channels of (N, C, H, W) or (C, H, W), at each place.</summary>
public sealed class Softmax2d : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => input.Softmax(-3);
}
