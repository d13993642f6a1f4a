// Properties of a tensor: shape, element type, memory layout.

using System.Diagnostics;
using System.Runtime.InteropServices;
using TorchScratch.Interop;

namespace TorchScratch;

public partial class Tensor
{
    // Read once, because the shape of a tensor never changes.
    private long[]? _shape;

    /// <summary>The sizes of the dimensions, outermost first; empty for a 0-d tensor.</summary>
    public Shape Shape => new(_shape ??= ReadShape());

    /// <summary>The distance between neighbours along each dimension, in elements.</summary>
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

    /// <summary>The number of dimensions.</summary>
    public int NDim => Info().ndim;

    /// <summary>The number of elements: the product of the sizes, 1 for a 0-d tensor.</summary>
    public long ElementCount => Info().numel;

    /// <summary>The element type.</summary>
    public DType DType => (DType)Info().dtype;

    /// <summary>The offset of the first element in the storage, in elements.</summary>
    public long StorageOffset => Info().storage_offset;

    /// <summary>Whether the elements are in row-major order without gaps.</summary>
    public bool IsContiguous => Info().is_contiguous != 0;

    /// <summary>Whether it is a view of the data of another tensor.</summary>
    public bool IsView
    {
        get
        {
            using var self = new TensorLease(this);
            return Native.ts_tensor_is_view(self.Handle) != 0;
        }
    }

    /// <summary>The number of in-place changes of the data; views share the count.</summary>
    public long Version
    {
        get
        {
            using var self = new TensorLease(this);
            return Native.ts_tensor_version(self.Handle);
        }
    }

    /// <summary>The size of a dimension.</summary>
    /// <param name="dim">The dimension; negative counts from the end.</param>
    /// <exception cref="TensorIndexException">There is no such dimension.</exception>
    public long Size(int dim)
    {
        var shape = Shape;
        var index = dim < 0 ? dim + shape.Length : dim;
        if ((uint)index >= (uint)shape.Length)
        {
            throw TorchScratchException.Of(ErrorKind.Index, nameof(Size),
                $"dimension {dim} is out of range for a tensor of shape {ShapeText}");
        }
        return shape[index];
    }

    /// <summary>
    /// Whether both are handles of the same native tensor, as the results of two reads of <see cref="Grad"/> are.
    /// </summary>
    public bool IsSame(Tensor? other)
    {
        if (other is null)
            return false;
        using var self = new TensorLease(this);
        using var second = new TensorLease(other);
        return Native.ts_tensor_is_same(self.Handle, second.Handle) != 0;
    }

    /// <summary>What all handles of one native tensor have in common.</summary>
    internal nint Identity
    {
        get
        {
            using var self = new TensorLease(this);
            return self.Handle;
        }
    }

    /// <summary>The tensor as PyTorch prints it; large tensors are abbreviated.</summary>
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

    /// <summary>The shape for messages, such as <c>(2, 3)</c>.</summary>
    internal string ShapeText => $"({string.Join(", ", Shape)})";

    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    private string DebuggerText => IsDisposed ? "Tensor (disposed)"
        : $"Tensor {ShapeText} {DType.Name}{(IsCuda ? $" {Device}" : "")}";

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
