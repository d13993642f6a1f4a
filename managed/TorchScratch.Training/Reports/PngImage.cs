// Encodes small images as PNG (RFC 2083), to be embedded in a page.

using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace TorchScratch.Training;

/// <summary>Encodes a tensor as a PNG with 8 bits per channel.</summary>
internal static class PngImage
{
    private static readonly byte[] s_signature = [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];
    private static readonly uint[] s_crcTable = MakeCrcTable();

    /// <summary>
    /// A data: URL of an image (H, W), (1, H, W) or (3, H, W). The smallest value becomes 0 and the largest 255.
    /// </summary>
    /// <exception cref="ShapeException">The tensor has another shape.</exception>
    public static string DataAddress(Tensor image)
    {
        var channels = image.NDim == 2 ? 1 : image.NDim == 3 ? image.Size(0) : 0;
        if (channels is not (1 or 3) || image.ElementCount == 0)
            {
            throw new ShapeException($"{nameof(Report.AddSample)}: an image must be (H, W), (1, H, W) or (3, H, W), " +
                $"got {ClassScores.Text(image)}");
        }
        using var scope = Tensor.Scope();
        using var noGrad = Autograd.NoGrad();
        var values = image.Detach().To(DType.Float64).ToArray<double>();
        var (height, width) = ((int)image.Size(-2), (int)image.Size(-1));
        return "data:image/png;base64," + Convert.ToBase64String(Encode(values, (int)channels, height, width));
    }

    internal static byte[] Encode(double[] values, int channels, int height, int width)
    {
        var (low, high) = (values.Min(), values.Max());
        var scale = high > low ? 255 / (high - low) : 0;
        // Each row begins with the filter type, 0 for none; the channels of a pixel are adjacent.
        var rows = new byte[height * (1 + width * channels)];
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                for (var c = 0; c < channels; c++)
                {
                    rows[y * (1 + width * channels) + 1 + x * channels + c] =
                        (byte)Math.Round((values[(c * height + y) * width + x] - low) * scale);
                }
            }
        }
        using var png = new MemoryStream();
        png.Write(s_signature);
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        header[8] = 8;
        header[9] = (byte)(channels == 1 ? 0 : 2);
        WriteChunk(png, "IHDR", header);
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.SmallestSize, leaveOpen: true))
            zlib.Write(rows);
        WriteChunk(png, "IDAT", packed.ToArray());
        WriteChunk(png, "IEND", []);
        return png.ToArray();
    }

    private static void WriteChunk(MemoryStream png, string type, byte[] data)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        png.Write(number);
        byte[] body = [.. Encoding.ASCII.GetBytes(type), .. data];
        png.Write(body);
        var crc = uint.MaxValue;
        foreach (var value in body)
            crc = s_crcTable[(crc ^ value) & 0xFF] ^ (crc >> 8);
        BinaryPrimitives.WriteUInt32BigEndian(number, ~crc);
        png.Write(number);
    }

    private static uint[] MakeCrcTable()
    {
        var table = new uint[256];
        for (uint n = 0; n < 256; n++)
        {
            var crc = n;
            for (var k = 0; k < 8; k++)
                crc = (crc & 1) != 0 ? 0xEDB88320 ^ (crc >> 1) : crc >> 1;
            table[n] = crc;
        }
        return table;
    }
}
