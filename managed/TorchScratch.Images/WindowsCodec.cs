// Image decoding with the codecs of Windows, through System.Drawing.

using System.Drawing;
using System.Drawing.Imaging;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace TorchScratch.Images;

[SupportedOSPlatform("windows")]
internal static class WindowsCodec
{
    // The EXIF tag of the orientation: Exchangeable image file format 2.3, section 4.6.4.
    private const int Orientation = 0x0112;

    public static DecodedImage Decode(string path, long maxPixels)
    {
        try
        {
            using var stream = File.OpenRead(path);
            // Without validation, which would decode the whole image before its size is checked.
            using var image = Image.FromStream(stream, useEmbeddedColorManagement: false, validateImageData: false);
            if ((long)image.Width * image.Height > maxPixels)
                throw PlatformImageDecoder.TooLarge(path, image.Width, image.Height, maxPixels);
            using var bitmap = new Bitmap(image);
            if (image.PropertyIdList.Contains(Orientation))
                bitmap.RotateFlip(RotationOf(image.GetPropertyItem(Orientation)?.Value?[0] ?? 1));
            return Copy(bitmap);
        }
        catch (Exception e) when (e is ArgumentException or ExternalException or OutOfMemoryException)
        {
            // GDI+ throws these for files that it does not recognize or cannot read.
            throw new TensorIOException($"{path}: the image cannot be read: {e.Message}", e);
        }
    }

    private static DecodedImage Copy(Bitmap bitmap)
    {
        var (width, height) = (bitmap.Width, bitmap.Height);
        var rgb = new byte[3 * width * height];
        var data = bitmap.LockBits(new Rectangle(0, 0, width, height), ImageLockMode.ReadOnly,
            PixelFormat.Format24bppRgb);
        try
        {
            for (var y = 0; y < height; y++)
                Marshal.Copy(data.Scan0 + y * data.Stride, rgb, 3 * y * width, 3 * width);
        }
        finally
        {
            bitmap.UnlockBits(data);
        }
        // Windows stores blue, green, red.
        for (var i = 0; i < rgb.Length; i += 3)
            (rgb[i], rgb[i + 2]) = (rgb[i + 2], rgb[i]);
        return new DecodedImage(width, height, rgb);
    }

    private static RotateFlipType RotationOf(byte orientation) => orientation switch
    {
        2 => RotateFlipType.RotateNoneFlipX,
        3 => RotateFlipType.Rotate180FlipNone,
        4 => RotateFlipType.Rotate180FlipX,
        5 => RotateFlipType.Rotate90FlipX,
        6 => RotateFlipType.Rotate90FlipNone,
        7 => RotateFlipType.Rotate270FlipX,
        8 => RotateFlipType.Rotate270FlipNone,
        _ => RotateFlipType.RotateNoneFlipNone,
    };
}
