// Decodes images with the codecs of the platform.

namespace TorchScratch.Images;

/// <summary>
/// Decodes JPEG, PNG, BMP and whatever else the platform supports, with gdk-pixbuf on Linux and macOS (Debian and
/// Ubuntu: <c>apt install libgdk-pixbuf-2.0-0</c>, Homebrew: <c>brew install gdk-pixbuf</c>) and System.Drawing on
/// Windows. Images are rotated as their EXIF orientation says.
/// </summary>
public sealed class PlatformImageDecoder : IImageDecoder
{
    /// <summary>The default limit on the number of pixels: 178 million, as in Pillow.</summary>
    public const long DefaultMaxPixels = 178_956_970;

    private readonly long _maxPixels;

    /// <summary>A decoder.</summary>
    /// <param name="maxPixels">Larger images are refused before memory is allocated for them.</param>
    public PlatformImageDecoder(long maxPixels = DefaultMaxPixels)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxPixels, 1);
        _maxPixels = Math.Min(maxPixels, Array.MaxLength / 3);
    }

    /// <summary>Whether the codecs of the platform are installed.</summary>
    public static bool IsAvailable => OperatingSystem.IsWindows() || GdkPixbuf.IsAvailable;

    /// <inheritdoc/>
    /// <exception cref="TensorNotSupportedException">
    /// The codecs of the platform are not installed; the message says how to install them.
    /// </exception>
    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    public DecodedImage Decode(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!File.Exists(path))
            throw new FileNotFoundException($"{path}: there is no such file", path);
        if (OperatingSystem.IsWindows())
            return WindowsCodec.Decode(path, _maxPixels);
        return GdkPixbuf.IsAvailable
            ? GdkPixbuf.Decode(path, _maxPixels)
            : throw new TensorNotSupportedException("decoding images needs gdk-pixbuf, which is missing: install it " +
                "(Debian, Ubuntu: apt install libgdk-pixbuf-2.0-0, Homebrew: brew install gdk-pixbuf), or pass " +
                "another decoder");
    }

    internal static TensorIOException TooLarge(string path, long width, long height, long maxPixels) =>
        new($"{path}: the image has {width} x {height} pixels, more than the limit of {maxPixels}");
}
