// Alpha dropout of whole channels.

namespace TorchScratch.NN;

/// <summary><see cref="AlphaDropout"/> of whole channels of (N, C, ...).</summary>
/// <param name="p">The probability with which a channel is dropped, in [0, 1].</param>
public sealed class FeatureAlphaDropout(double p = 0.5) : AlphaDropout(p)
{
    private protected override long[] NoiseShape(Tensor input)
    {
        if (input.NDim < 2)
            throw new ShapeException($"FeatureAlphaDropout: input must be (N, C, ...), got shape {input.ShapeText}");
        var shape = new long[input.NDim];
        Array.Fill(shape, 1);
        (shape[0], shape[1]) = (input.Size(0), input.Size(1));
        return shape;
    }
}
