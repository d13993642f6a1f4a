// An operator of a plugin.

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchScratch.Interop;

namespace TorchScratch;

/// <summary>An operator of a <see cref="Plugin"/>.</summary>
public sealed unsafe class PluginOperator
{
    private readonly nint _handle;

    // Native operators are never freed.
    internal PluginOperator(nint handle)
    {
        _handle = handle;
        Name = Marshal.PtrToStringUTF8(Native.ts_operator_name(handle))!;
        Documentation = Marshal.PtrToStringUTF8(Native.ts_operator_doc(handle))!;
        byte* signature;
        Status.Check(Native.ts_operator_signature(handle, &signature));
        Signature = NativeText.Take(signature);
    }

    /// <summary>The full name, such as <c>my::swish</c>.</summary>
    public string Name { get; }

    /// <summary>The documentation that its author wrote.</summary>
    public string Documentation { get; }

    /// <summary>The name and the types of the parameters, such as <c>my::swish(Tensor, double)</c>.</summary>
    public string Signature { get; }

    /// <summary>Finds an operator of any loaded plugin.</summary>
    /// <param name="name">The full name.</param>
    /// <exception cref="ValueException">There is no operator with this name.</exception>
    public static PluginOperator Find(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        using var text = new Utf8Lease(name);
        nint handle;
        Status.Check(Native.ts_operator_find(text.Pointer, &handle));
        return new(handle);
    }

    /// <summary>
    /// Calls the operator with its tensor arguments and its number arguments, each in the order of its parameters.
    /// </summary>
    /// <returns>All results.</returns>
    /// <exception cref="TorchScratchException">
    /// The arguments do not fit the parameters, or the operator failed.
    /// </exception>
    public Tensor[] Apply(ReadOnlySpan<Tensor> tensors, ReadOnlySpan<Scalar> numbers = default)
    {
        using var lease = new TensorListLease(tensors);
        var count = numbers.Length;
        Span<ts_scalar> values = count <= 8 ? stackalloc ts_scalar[count] : new ts_scalar[count];
        for (var i = 0; i < count; i++)
            values[i] = numbers[i].ToNative();
        nint list;
        fixed (ts_scalar* pointer = values)
            Status.Check(Native.ts_operator_call(_handle, lease.Pointer, lease.Count, pointer, values.Length, &list));
        return Tensor.TakeList(list);
    }

    /// <inheritdoc cref="Apply(ReadOnlySpan{Tensor}, ReadOnlySpan{Scalar})"/>
    [OverloadResolutionPriority(-1)]
    public Tensor[] Apply(IEnumerable<Tensor> tensors, params IEnumerable<Scalar> numbers)
    {
        ArgumentNullException.ThrowIfNull(numbers);
        return Apply(TensorSequence.Span(tensors), [.. numbers]);
    }

    /// <summary>
    /// <see cref="Apply(ReadOnlySpan{Tensor}, ReadOnlySpan{Scalar})"/> for an operator with one result.
    /// </summary>
    /// <inheritdoc cref="Apply(ReadOnlySpan{Tensor}, ReadOnlySpan{Scalar})"/>
    public Tensor Call(ReadOnlySpan<Tensor> tensors, ReadOnlySpan<Scalar> numbers = default) =>
        Apply(tensors, numbers) is [var result]
            ? result
            : throw new ValueException($"{Name}: Call is for operators with one result; use Apply");

    /// <inheritdoc cref="Call(ReadOnlySpan{Tensor}, ReadOnlySpan{Scalar})"/>
    [OverloadResolutionPriority(-1)]
    public Tensor Call(IEnumerable<Tensor> tensors, params IEnumerable<Scalar> numbers)
    {
        ArgumentNullException.ThrowIfNull(numbers);
        return Call(TensorSequence.Span(tensors), [.. numbers]);
    }

    /// <summary>Calls an operator with one tensor argument, any number arguments and one result.</summary>
    /// <inheritdoc cref="Apply(ReadOnlySpan{Tensor}, ReadOnlySpan{Scalar})"/>
    public Tensor Call(Tensor tensor, params ReadOnlySpan<Scalar> numbers) => Call([tensor], numbers);

    /// <summary>Calls an operator with two tensor arguments, any number arguments and one result.</summary>
    /// <inheritdoc cref="Apply(ReadOnlySpan{Tensor}, ReadOnlySpan{Scalar})"/>
    public Tensor Call(Tensor first, Tensor second, params ReadOnlySpan<Scalar> numbers) =>
        Call([first, second], numbers);

    /// <inheritdoc/>
    public override string ToString() => Signature;
}
