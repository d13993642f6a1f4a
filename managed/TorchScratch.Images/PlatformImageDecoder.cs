// The codecs that come with the platform.

namespace TorchScratch.Images;

/// <summary>
/// JPEG, PNG, BMP and whatever else the platform reads: gdk-pixbuf on Linux and macOS (Debian and Ubuntu:
/// <c>apt install libgdk-pixbuf-2.0-0</c>, Homebrew: <c>brew install gdk-pixbuf</c>), System.Drawing on Windows. Images are
/// turned upright as their EXIF data say.
/// </summary>
public sealed class PlatformImageDecoder : IImageDecoder
{
    /// <summary>The most pixels that an image may have unless told otherwise: 178 million, as in Pillow.</summary>
    public const long DefaultMaxPixels = 178_956_970;

    private readonly long _maxPixels;

    /// <summary>A decoder.</summary>
    /// <param name="maxPixels">Larger images are refused before any memory is taken for them.</param>
    public PlatformImageDecoder(long maxPixels = DefaultMaxPixels)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxPixels, 1);
        _maxPixels = Math.Min(maxPixels, Array.MaxLength / 3);
    }

    /// <summary>Whether the platform's codecs are there.</summary>
    public static bool IsAvailable => OperatingSystem.IsWindows() || GdkPixbuf.IsAvailable;

    /// <inheritdoc/>
    /// <exception cref="TensorNotSupportedException">The platform's codecs are not installed; the message says how.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public DecodedImage Decode(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!File.Exists(path))
            throw new FileNotFoundException($"{path}: no such file", path);
        if (OperatingSystem.IsWindows())
            return WindowsCodec.Decode(path, _maxPixels);
        return GdkPixbuf.IsAvailable
            ? GdkPixbuf.Decode(path, _maxPixels)
            : throw new TensorNotSupportedException("images need gdk-pixbuf, which is not there: install it (Debian and Ubuntu: " +
                "apt install libgdk-pixbuf-2.0-0, Homebrew: brew install gdk-pixbuf), or give a decoder of your own");
    }

    internal static TensorIOException TooLarge(string path, long width, long height, long maxPixels) =>
        new($"{path}: the image has {width} x {height} pixels, more than the {maxPixels} allowed");
}
