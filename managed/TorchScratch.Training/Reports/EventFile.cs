// TensorBoard's event files: messages of event.proto and summary.proto in TFRecord framing.

using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace TorchScratch.Training;

/// <summary>
/// Writes scalars and texts for TensorBoard. Each record consists of the length of the message (8 bytes,
/// little-endian), the masked CRC-32C of the length, the message, and the masked CRC-32C of the message.
/// </summary>
internal sealed class EventFile : IDisposable
{
    // Makes file names unique. TensorBoard reads the files of a folder in the order of their names.
    private static int s_number;
    private readonly FileStream _file;

    /// <summary>A new file in a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="purgeFrom">The first step whose events in older files are obsolete; null if none are.</param>
    public EventFile(string folder, long? purgeFrom)
    {
        var seconds = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var name = string.Create(CultureInfo.InvariantCulture, $"events.out.tfevents.{seconds:D10}." +
            $"{Environment.MachineName}.{Environment.ProcessId}.{Interlocked.Increment(ref s_number) - 1}");
        _file = new FileStream(Path.Combine(folder, name), FileMode.CreateNew, FileAccess.Write, FileShare.Read);
        Write(0, message => message.Text(3, "brain.Event:2"));
        // SessionLog with status START.
        if (purgeFrom is { } step)
            Write(step, message => message.Message(7, log => log.Integer(1, 1)));
    }

    public void AddScalar(long step, string tag, double value) =>
        Write(step, message =>
            message.Message(5, summary => summary.Message(1, entry => entry.Text(1, tag).Single(2, (float)value))));

    /// <summary>Adds a text, which is shown as Markdown: a string tensor for the text plugin.</summary>
    public void AddText(long step, string tag, string text) =>
        Write(step, message => message.Message(5, summary => summary.Message(1, entry => entry
            .Text(1, tag)
            .Message(9, metadata => metadata.Message(1, plugin => plugin.Text(1, "text")))
            // DT_STRING, shape (1).
            .Message(8, tensor => tensor.Integer(1, 7).Message(2, shape => shape.Message(2, dim => dim.Integer(1, 1)))
                .Text(8, text)))));

    public void Flush() => _file.Flush();

    public void Dispose() => _file.Dispose();

    /// <summary>CRC-32C, rotated and offset: a plain CRC of data that contain CRCs would be a weak check.</summary>
    internal static uint MaskedCrc(ReadOnlySpan<byte> data)
    {
        var crc = uint.MaxValue;
        foreach (var value in data)
            crc = BitOperations.Crc32C(crc, value);
        crc = ~crc;
        return BitOperations.RotateRight(crc, 15) + 0xA282EAD8;
    }

    private void Write(long step, Action<ProtoMessage> fill)
    {
        var message = new ProtoMessage();
        message.Double(1, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() / 1000.0).Integer(2, step);
        fill(message);
        var data = message.ToArray();
        Span<byte> head = stackalloc byte[12];
        BinaryPrimitives.WriteInt64LittleEndian(head, data.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(head[8..], MaskedCrc(head[..8]));
        Span<byte> tail = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(tail, MaskedCrc(data));
        _file.Write(head);
        _file.Write(data);
        _file.Write(tail);
    }
}

/// <summary>Builds a protobuf message from the few field types of the wire format that are needed here.</summary>
internal sealed class ProtoMessage
{
    private readonly List<byte> _bytes = [];

    public byte[] ToArray() => [.. _bytes];

    public ProtoMessage Integer(int field, long value)
    {
        Variable((ulong)field << 3);
        Variable((ulong)value);
        return this;
    }

    public ProtoMessage Double(int field, double value)
    {
        Variable(((ulong)field << 3) | 1);
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteDoubleLittleEndian(bytes, value);
        _bytes.AddRange(bytes);
        return this;
    }

    public ProtoMessage Single(int field, float value)
    {
        Variable(((ulong)field << 3) | 5);
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteSingleLittleEndian(bytes, value);
        _bytes.AddRange(bytes);
        return this;
    }

    public ProtoMessage Text(int field, string text) => Bytes(field, Encoding.UTF8.GetBytes(text));

    public ProtoMessage Message(int field, Action<ProtoMessage> fill)
    {
        var message = new ProtoMessage();
        fill(message);
        return Bytes(field, message.ToArray());
    }

    private ProtoMessage Bytes(int field, byte[] bytes)
    {
        Variable(((ulong)field << 3) | 2);
        Variable((ulong)bytes.Length);
        _bytes.AddRange(bytes);
        return this;
    }

    private void Variable(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
            _bytes.Add((byte)(value | 0x80));
        _bytes.Add((byte)value);
    }
}
