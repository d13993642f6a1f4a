// State of a module that is not learned.

using System.Diagnostics.CodeAnalysis;

namespace TorchScratch.NN;

/// <summary>
/// A tensor of a module that is not learned, such as a running mean. It converts implicitly to its tensor, and remains
/// the same object when the module is converted to another element type. Scopes do not free its tensor.
/// </summary>
public sealed class ModuleBuffer
{
    /// <summary>A buffer that takes ownership of a tensor.</summary>
    /// <param name="value">The tensor. Scopes no longer free it.</param>
    /// <param name="isPersistent">Whether it is part of the state dict.</param>
    public ModuleBuffer(Tensor value, bool isPersistent = true)
    {
        ArgumentNullException.ThrowIfNull(value);
        Value = Parameter.OutOfScopes(value);
        IsPersistent = isPersistent;
    }

    /// <summary>The tensor.</summary>
    public Tensor Value { get; private set; }

    /// <summary>Whether it is part of the state dict.</summary>
    public bool IsPersistent { get; }

    /// <summary>Whether a state without it is complete: PyTorch added it after states had been saved.</summary>
    internal bool IsOptional { get; init; }

    /// <summary>The tensor of a buffer; null for null.</summary>
    [return: NotNullIfNotNull(nameof(buffer))]
    public static implicit operator Tensor?(ModuleBuffer? buffer) => buffer?.Value;

    internal void Convert(DType dtype)
    {
        var old = Value;
        if (!old.DType.IsFloatingPoint || old.DType == dtype)
            return;
        Value = Parameter.Converted(old, dtype);
        old.Dispose();
    }
}
