// How to handle an image whose aspect ratio differs from the target size.

namespace TorchScratch.Images;

/// <summary>How an image is resized when its aspect ratio differs.</summary>
public enum ImageFit
{
    /// <summary>The image is stretched; its aspect ratio changes.</summary>
    Stretch,

    /// <summary>The aspect ratio is kept; what exceeds the target is cut off equally at both ends.</summary>
    Crop,
}
