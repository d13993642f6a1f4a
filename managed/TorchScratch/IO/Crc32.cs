// CRC-32 as gzip uses it: the polynomial 0x04C11DB7, bits reflected, begun and ended with all ones.

using System.Buffers.Binary;

namespace TorchScratch.IO;

/// <summary>Computes checksums eight bytes at a time, with one table for each of the eight positions.</summary>
internal static class Crc32
{
    private static readonly uint[][] s_tables = MakeTables();

    /// <summary>The checksum of some bytes, continued from the checksum of those before them (0 for none).</summary>
    public static uint Append(uint checksum, ReadOnlySpan<byte> bytes)
    {
        var tables = s_tables;
        var crc = ~checksum;
        for (; bytes.Length >= 8; bytes = bytes[8..])
        {
            var low = BinaryPrimitives.ReadUInt32LittleEndian(bytes) ^ crc;
            var high = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
            crc = tables[7][low & 0xFF] ^ tables[6][(low >> 8) & 0xFF] ^ tables[5][(low >> 16) & 0xFF] ^
                tables[4][low >> 24] ^ tables[3][high & 0xFF] ^ tables[2][(high >> 8) & 0xFF] ^
                tables[1][(high >> 16) & 0xFF] ^ tables[0][high >> 24];
        }
        foreach (var value in bytes)
            crc = (crc >> 8) ^ tables[0][(crc ^ value) & 0xFF];
        return ~crc;
    }

    // Table k holds what a byte contributes when k more bytes follow it.
    private static uint[][] MakeTables()
    {
        var tables = new uint[8][];
        for (var k = 0; k < tables.Length; k++)
        {
            tables[k] = new uint[256];
            for (var value = 0u; value < 256; value++)
            {
                var crc = k == 0 ? value : tables[k - 1][value];
                for (var bit = 0; bit < 8; bit++)
                    crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB88320 : crc >> 1;
                tables[k][value] = crc;
            }
        }
        return tables;
    }
}
