// What a call has made or changed, as a text that is equal when all bits are.

using System.Collections;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using TorchScratch.NN;
using TorchScratch.Optim;

namespace TorchScratch.Fuzz.Api;

internal static class Bits
{
    private const int MaxItems = 16;
    private const int MaxDepth = 4;

    /// <summary>The text of a value.</summary>
    /// <param name="value">A tensor, a number, or something that contains some.</param>
    /// <param name="isResult">Whether to enumerate what computes its items only then, such as the batches of a loader.</param>
    public static string Of(object? value, bool isResult)
    {
        var text = new StringBuilder();
        Write(text, value, 0, isResult);
        return text.ToString();
    }

    /// <summary>The gradients of the tensors in a value.</summary>
    public static string Gradients(object? value) => Of(TensorsIn(value).Select(tensor =>
        tensor is { IsDisposed: false, IsLeaf: true, RequiresGrad: true } ? tensor.Grad : null).ToArray(), isResult: false);

    /// <summary>All tensors in a value: itself, parts of tuples and lists, parameters of modules.</summary>
    public static IEnumerable<Tensor> TensorsIn(object? value, int depth = 0) => value switch
    {
        Tensor tensor => [tensor],
        Module module => module.Parameters().Select(parameter => parameter.Value),
        ITuple tuple when depth < MaxDepth => Enumerable.Range(0, tuple.Length)
            .SelectMany(i => TensorsIn(tuple[i], depth + 1)),
        IDictionary dictionary when depth < MaxDepth => dictionary.Values.Cast<object?>()
            .SelectMany(item => TensorsIn(item, depth + 1)),
        Array array when depth < MaxDepth && !array.GetType().GetElementType()!.IsPrimitive =>
            array.Cast<object?>().SelectMany(item => TensorsIn(item, depth + 1)),
        _ => [],
    };

    private static void Write(StringBuilder text, object? value, int depth, bool isResult)
    {
        switch (value)
        {
            case null:
                text.Append("null");
                break;
            case Tensor tensor:
                Write(text, tensor);
                break;
            case double number:
                text.Append(BitConverter.DoubleToInt64Bits(number).ToString("X", CultureInfo.InvariantCulture));
                break;
            case float number:
                text.Append(BitConverter.SingleToInt32Bits(number).ToString("X", CultureInfo.InvariantCulture));
                break;
            case string or bool or Enum or IFormattable or Scalar:
                text.Append(value);
                break;
            case Module module:
                try
                {
                    Write(text, module.StateDict(), depth + 1, isResult);
                }
                catch (ObjectDisposedException)
                {
                    // Module.Dispose was called.
                    text.Append("disposed");
                }
                break;
            case Optimizer optimizer:
                Write(text, optimizer.StateDict(), depth + 1, isResult);
                break;
            case ITuple tuple when depth < MaxDepth:
                for (var i = 0; i < tuple.Length; i++)
                    Item(text, tuple[i], depth, isResult);
                break;
            case IEnumerable items when depth < MaxDepth && (isResult || value.GetType().Assembly == typeof(List<>).Assembly):
                foreach (var item in items.Cast<object?>().Take(MaxItems))
                    Item(text, item, depth, isResult);
                break;
            default:
                var type = value.GetType();
                text.Append(CSharp.Name(type));
                if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(KeyValuePair<,>) && depth < MaxDepth)
                {
                    Item(text, type.GetProperty("Key")!.GetValue(value), depth, isResult);
                    Item(text, type.GetProperty("Value")!.GetValue(value), depth, isResult);
                }
                break;
        }
    }

    private static void Item(StringBuilder text, object? item, int depth, bool isResult) =>
        Write(text.Append("; "), item, depth + 1, isResult);

    private static void Write(StringBuilder text, Tensor tensor)
    {
        if (tensor.IsDisposed)
        {
            text.Append("disposed");
            return;
        }
        text.Append($"{tensor.DType} [{string.Join(", ", tensor.Shape.ToArray())}] ");
        // A view of one element many times is not written out.
        if (tensor.ElementCount > 1 << 22)
            return;
        using var noGrad = Autograd.NoGrad();
        using var dense = tensor.Detach().Contiguous();
        var bytes = dense.DType switch
        {
            DType.Bool => MemoryMarshal.AsBytes(dense.AsSpan<bool>()),
            DType.UInt8 => dense.AsSpan<byte>(),
            DType.Int8 => MemoryMarshal.AsBytes(dense.AsSpan<sbyte>()),
            DType.Int16 => MemoryMarshal.AsBytes(dense.AsSpan<short>()),
            DType.Int32 => MemoryMarshal.AsBytes(dense.AsSpan<int>()),
            DType.Int64 => MemoryMarshal.AsBytes(dense.AsSpan<long>()),
            DType.Float16 => MemoryMarshal.AsBytes(dense.AsSpan<Half>()),
            DType.BFloat16 => MemoryMarshal.AsBytes(dense.AsSpan<BFloat16>()),
            DType.Float32 => MemoryMarshal.AsBytes(dense.AsSpan<float>()),
            _ => MemoryMarshal.AsBytes(dense.AsSpan<double>()),
        };
        if (bytes.Length <= 64)
            text.Append(Convert.ToHexString(bytes));
        else
            text.Append(Hash(bytes));
    }

    private static string Hash(ReadOnlySpan<byte> bytes)
    {
        // FNV-1a over words: what is compared was computed twice by the same program, so no stronger hash is needed.
        var hash = 14695981039346656037;
        var words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (var word in words)
            hash = (hash ^ word) * 1099511628211 ^ hash >> 29;
        foreach (var value in bytes[(8 * words.Length)..])
            hash = (hash ^ value) * 1099511628211;
        return hash.ToString("X16", CultureInfo.InvariantCulture);
    }
}
