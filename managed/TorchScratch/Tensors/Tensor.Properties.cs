// What a tensor is: shape, element type, layout.

using System.Diagnostics;
using System.Runtime.InteropServices;
using TorchScratch.Interop;

namespace TorchScratch;

public sealed partial class Tensor
{
    // Read once: a tensor's shape never changes. In managed memory, so that a span of it outlives the tensor.
    private long[]? _shape;

    /// <summary>Sizes of the dimensions, outermost first; empty for a 0-d tensor.</summary>
    public ReadOnlySpan<long> Shape => _shape ??= ReadShape();

    /// <summary>Distance in elements between neighbours along each dimension.</summary>
    public unsafe ReadOnlySpan<long> Strides
    {
        get
        {
            using var self = new TensorLease(this);
            ts_tensor_info info;
            Native.ts_tensor_get_info(self.Handle, &info);
            return new ReadOnlySpan<long>(info.strides, info.ndim).ToArray();
        }
    }

    /// <summary>Number of dimensions.</summary>
    public int NDim => Info().ndim;

    /// <summary>Number of elements: the product of the shape, 1 for a 0-d tensor.</summary>
    public long ElementCount => Info().numel;

    /// <summary>Element type.</summary>
    public DType DType => (DType)Info().dtype;

    /// <summary>Offset of the first element in the storage, in elements.</summary>
    public long StorageOffset => Info().storage_offset;

    /// <summary>Whether the elements lie row-major without gaps.</summary>
    public bool IsContiguous => Info().is_contiguous != 0;

    /// <summary>Whether it looks at another tensor's data.</summary>
    public bool IsView
    {
        get
        {
            using var self = new TensorLease(this);
            return Native.ts_tensor_is_view(self.Handle) != 0;
        }
    }

    /// <summary>Times the data was changed in place; views share the count.</summary>
    public long Version
    {
        get
        {
            using var self = new TensorLease(this);
            return Native.ts_tensor_version(self.Handle);
        }
    }

    /// <summary>Size of one dimension.</summary>
    /// <param name="dim">The dimension; negative counts from the end.</param>
    /// <exception cref="TensorIndexException">There is no such dimension.</exception>
    public long Size(int dim)
    {
        var shape = Shape;
        var index = dim < 0 ? dim + shape.Length : dim;
        if ((uint)index >= (uint)shape.Length)
            throw new TensorIndexException($"size: dimension {dim} is out of range for a tensor of shape {ShapeText}");
        return shape[index];
    }

    /// <summary>Whether both are handles of the same native tensor, as two reads of <see cref="Grad"/> are.</summary>
    public bool IsSame(Tensor? other)
    {
        if (other is null)
            return false;
        using var self = new TensorLease(this);
        using var second = new TensorLease(other);
        return Native.ts_tensor_is_same(self.Handle, second.Handle) != 0;
    }

    /// <summary>The tensor as PyTorch prints it; large ones are abridged.</summary>
    public override unsafe string ToString()
    {
        if (IsDisposed)
            return "Tensor (disposed)";
        using var self = new TensorLease(this);
        byte* text;
        Status.Check(Native.ts_tensor_to_string(self.Handle, &text));
        try
        {
            return Marshal.PtrToStringUTF8((nint)text)!;
        }
        finally
        {
            Native.ts_string_free(text);
        }
    }

    /// <summary>The shape in messages, as in <c>(2, 3)</c>.</summary>
    internal string ShapeText => $"({string.Join(", ", Shape.ToArray())})";

    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    private string DebuggerText => IsDisposed ? "Tensor (disposed)" : $"Tensor {ShapeText} {DType.Name}";

    private unsafe ts_tensor_info Info([System.Runtime.CompilerServices.CallerMemberName] string? caller = null)
    {
        using var self = new TensorLease(this, "this", caller);
        ts_tensor_info info;
        Native.ts_tensor_get_info(self.Handle, &info);
        return info;
    }

    private unsafe long[] ReadShape()
    {
        using var self = new TensorLease(this, "this", nameof(Shape));
        ts_tensor_info info;
        Native.ts_tensor_get_info(self.Handle, &info);
        return info.ndim == 0 ? [] : new ReadOnlySpan<long>(info.sizes, info.ndim).ToArray();
    }
}
