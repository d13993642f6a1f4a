// State of a module that is not learned.

namespace TorchScratch.NN;

/// <summary>
/// A tensor of a module that is not learned, such as a running mean. It is a tensor like any other, but one that scopes
/// do not free, and it remains the same object when the module is converted to another element type.
/// </summary>
public sealed class ModuleBuffer : Tensor
{
    private readonly Tensor _source;

    /// <summary>A buffer that takes ownership of a tensor; the two are the same tensor from then on.</summary>
    /// <param name="value">The tensor. Scopes no longer free it.</param>
    /// <param name="isPersistent">Whether it is part of the state dict.</param>
    public ModuleBuffer(Tensor value, bool isPersistent = true)
        : base(NotNull(value))
    {
        _source = Parameter.OutOfScopes(value);
        IsPersistent = isPersistent;
    }

    /// <summary>The tensor: this object.</summary>
    public Tensor Value => this;

    /// <summary>Whether it is part of the state dict.</summary>
    public bool IsPersistent { get; }

    /// <summary>Whether a state without it is complete: PyTorch added it after states had been saved.</summary>
    internal bool IsOptional { get; init; }

    internal void Convert(DType dtype)
    {
        if (!DType.IsFloatingPoint || DType == dtype)
            return;
        using var converted = Parameter.Converted(this, dtype);
        SetData(converted);
    }

    private protected override void DisposeSource() => _source.Dispose();
}
