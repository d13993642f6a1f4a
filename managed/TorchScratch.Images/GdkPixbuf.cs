// Image decoding with gdk-pixbuf, the codec library of Linux desktops: https://docs.gtk.org/gdk-pixbuf/

using System.Runtime.InteropServices;

namespace TorchScratch.Images;

/// <summary>Bindings to the few functions of gdk-pixbuf that reading a file needs.</summary>
internal static unsafe partial class GdkPixbuf
{
    private const string Pixbuf = "gdk_pixbuf-2.0";
    private const string GObject = "gobject-2.0";
    private const string GLib = "glib-2.0";

    static GdkPixbuf()
    {
        NativeLibrary.SetDllImportResolver(typeof(GdkPixbuf).Assembly, (name, _, _) => Load(name));
        IsAvailable = Load(Pixbuf) != 0 && Load(GObject) != 0 && Load(GLib) != 0;
    }

    public static bool IsAvailable { get; }

    public static DecodedImage Decode(string path, long maxPixels)
    {
        if (gdk_pixbuf_get_file_info(path, out var width, out var height) != 0 && (long)width * height > maxPixels)
            throw PlatformImageDecoder.TooLarge(path, width, height, maxPixels);
        GError* error = null;
        var loaded = gdk_pixbuf_new_from_file(path, &error);
        if (loaded == 0)
            throw Failure(path, error);
        // Returns a new reference even if the image is upright already.
        var upright = gdk_pixbuf_apply_embedded_orientation(loaded);
        g_object_unref(loaded);
        if (upright == 0)
            throw new TensorIOException($"{path}: there is not enough memory for the image");
        try
        {
            return Copy(upright, path, maxPixels);
        }
        finally
        {
            g_object_unref(upright);
        }
    }

    private static DecodedImage Copy(nint pixbuf, string path, long maxPixels)
    {
        var (width, height) = (gdk_pixbuf_get_width(pixbuf), gdk_pixbuf_get_height(pixbuf));
        if ((long)width * height > maxPixels)
            throw PlatformImageDecoder.TooLarge(path, width, height, maxPixels);
        // 3, or 4 with an alpha channel, which is dropped.
        var channels = gdk_pixbuf_get_n_channels(pixbuf);
        var stride = gdk_pixbuf_get_rowstride(pixbuf);
        var pixels = gdk_pixbuf_get_pixels(pixbuf);
        var rgb = new byte[3 * width * height];
        for (var y = 0; y < height; y++)
        {
            var row = new ReadOnlySpan<byte>(pixels + (long)y * stride, width * channels);
            var target = rgb.AsSpan(3 * y * width, 3 * width);
            if (channels == 3)
            {
                row.CopyTo(target);
                continue;
            }
            for (var x = 0; x < width; x++)
                row.Slice(x * channels, 3).CopyTo(target[(3 * x)..]);
        }
        return new DecodedImage(width, height, rgb);
    }

    private static TensorIOException Failure(string path, GError* error)
    {
        var message = error == null ? "the image cannot be read" : Marshal.PtrToStringUTF8((nint)error->Message);
        if (error != null)
            g_error_free(error);
        return new TensorIOException($"{path}: {message}");
    }

    private static nint Load(string name)
    {
        ReadOnlySpan<string> files = name is not (Pixbuf or GObject or GLib) ? []
            : OperatingSystem.IsMacOS()
                ? [$"lib{name}.0.dylib", $"/opt/homebrew/lib/lib{name}.0.dylib", $"/usr/local/lib/lib{name}.0.dylib"]
            : [$"lib{name}.so.0"];
        foreach (var file in files)
        {
            if (NativeLibrary.TryLoad(file, out var handle))
                return handle;
        }
        return 0;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct GError
    {
        public uint Domain;
        public int Code;
        public byte* Message;
    }

    [LibraryImport(Pixbuf, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint gdk_pixbuf_get_file_info(string path, out int width, out int height);

    [LibraryImport(Pixbuf, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint gdk_pixbuf_new_from_file(string path, GError** error);

    [LibraryImport(Pixbuf)]
    private static partial nint gdk_pixbuf_apply_embedded_orientation(nint pixbuf);

    [LibraryImport(Pixbuf)]
    private static partial int gdk_pixbuf_get_width(nint pixbuf);

    [LibraryImport(Pixbuf)]
    private static partial int gdk_pixbuf_get_height(nint pixbuf);

    [LibraryImport(Pixbuf)]
    private static partial int gdk_pixbuf_get_n_channels(nint pixbuf);

    [LibraryImport(Pixbuf)]
    private static partial int gdk_pixbuf_get_rowstride(nint pixbuf);

    [LibraryImport(Pixbuf)]
    private static partial byte* gdk_pixbuf_get_pixels(nint pixbuf);

    [LibraryImport(GObject)]
    private static partial void g_object_unref(nint instance);

    [LibraryImport(GLib)]
    private static partial void g_error_free(GError* error);
}
