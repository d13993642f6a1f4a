// An element type as an argument that may be missing.

namespace TorchScratch;

/// <summary>
/// An element type, or none: a <see cref="DType"/>, <c>null</c> or <c>default</c>. A parameter of this type does not
/// take the literal 0, which C# converts to every enum, so that in <c>Tensor.Zeros(2, 0)</c> the 0 is a size.
/// </summary>
/// <param name="Value">The element type; null means "not given".</param>
public readonly record struct OptionalDType(DType? Value)
{
    /// <summary>The element type.</summary>
    public static implicit operator OptionalDType(DType value) => new(value);

    /// <summary>The element type; null means "not given".</summary>
    public static implicit operator OptionalDType(DType? value) => new(value);

    /// <summary>The element type, or another if none is given.</summary>
    internal DType Or(DType other) => Value ?? other;
}
