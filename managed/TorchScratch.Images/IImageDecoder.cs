// The interface of image codecs.

namespace TorchScratch.Images;

/// <summary>Decodes image files, with the platform's codecs or a library of the user's choice.</summary>
public interface IImageDecoder
{
    /// <summary>Decodes one file. May be called from several threads at once.</summary>
    /// <param name="path">The path of the file.</param>
    /// <exception cref="TensorIOException">The file is not an image, or is damaged; the message names it.</exception>
    DecodedImage Decode(string path);
}
