// What a module keeps without learning it.

using System.Diagnostics.CodeAnalysis;

namespace TorchScratch.NN;

/// <summary>
/// A place in a model for state that is not learned, such as a running mean. It stands for its tensor wherever one is
/// asked for. No scope frees its tensor.
/// </summary>
public sealed class ModuleBuffer
{
    internal ModuleBuffer(Tensor value, bool isPersistent)
    {
        Value = Parameter.OutOfScopes(value);
        IsPersistent = isPersistent;
    }

    /// <summary>The tensor.</summary>
    public Tensor Value { get; private set; }

    /// <summary>Whether it belongs into a checkpoint.</summary>
    public bool IsPersistent { get; }

    /// <summary>The buffer's tensor; null for null.</summary>
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
