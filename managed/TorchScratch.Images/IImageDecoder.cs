// The place where a codec plugs in.

namespace TorchScratch.Images;

/// <summary>Reads image files: the platform's codecs, or a library of the user's choice.</summary>
public interface IImageDecoder
{
    /// <summary>Reads one file. Called from several threads at once.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="TensorIOException">The file is no image, or damaged; the message names it.</exception>
    DecodedImage Decode(string path);
}
