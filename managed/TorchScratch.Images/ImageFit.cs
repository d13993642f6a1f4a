// What happens to an image whose sides are in another proportion than wanted.

namespace TorchScratch.Images;

/// <summary>How an image is brought to a size.</summary>
public enum ImageFit
{
    /// <summary>Its proportions change.</summary>
    Stretch,

    /// <summary>What is too much on its longer side is cut off, half on either end.</summary>
    Crop,
}
