// A learned tensor of a module.

namespace TorchScratch.NN;

/// <summary>
/// A tensor of a module that is learned. It is a tensor like any other, but one that scopes do not free, and it remains
/// the same object when the module is converted to another element type, so that modules and optimizers can share it.
/// </summary>
public sealed class Parameter : Tensor
{
    private readonly Tensor _source;

    /// <summary>A parameter that takes ownership of a tensor; the two are the same tensor from then on.</summary>
    /// <param name="value">
    /// A floating-point leaf: a tensor that was not computed from tensors that require a gradient.
    /// </param>
    /// <param name="requiresGrad">Whether gradients are computed for it.</param>
    /// <exception cref="AutogradException">
    /// The tensor is the result of a recorded operation, or not floating point.
    /// </exception>
    public Parameter(Tensor value, bool requiresGrad = true)
        : base(Leaf(value, requiresGrad)) => _source = OutOfScopes(value);

    /// <summary>
    /// The tensor: this object or, if the parameter is computed from others, as by <see cref="WeightNorm"/>, a tensor
    /// that each read computes again.
    /// </summary>
    public Tensor Value => IsComputed ? Compute() : this;

    /// <summary>Computes the tensor from other parameters; null for an independent parameter.</summary>
    internal Func<Tensor>? Parametrization
    {
        get;
        set
        {
            field = value;
            IsComputed = value is not null;
        }
    }

    /// <inheritdoc/>
    internal override Tensor Compute() => Parametrization?.Invoke() ?? this;

    /// <summary>Clears the gradient.</summary>
    /// <param name="setToNull">
    /// Whether to free the gradient, so that the next backward pass stores instead of adds; otherwise it is set to 0.
    /// </param>
    public void ZeroGrad(bool setToNull = true)
    {
        if (setToNull)
        {
            Grad = null;
            return;
        }
        using var gradient = Grad;
        if (gradient is null)
            return;
        using var noGrad = Autograd.NoGrad();
        gradient.Fill_(0);
    }

    /// <summary>The tensor as text, as PyTorch prints a parameter.</summary>
    public override string ToString() => $"Parameter containing:\n{base.ToString()}";

    /// <summary>Converts the tensor to another element type.</summary>
    internal void Convert(DType dtype)
    {
        if (DType == dtype)
            return;
        using var converted = Converted(this, dtype);
        SetData(converted);
    }

    /// <summary>Makes the parameter independent again, with the value that the parametrization computes.</summary>
    internal void RemoveParametrization()
    {
        using (Autograd.NoGrad())
        {
            using var value = OutOfScopes(Parametrization!());
            Parametrization = null;
            SetData(value);
        }
        RequiresGrad = true;
    }

    internal static Tensor Converted(Tensor tensor, DType dtype)
    {
        using var noGrad = Autograd.NoGrad();
        return OutOfScopes(tensor.To(dtype));
    }

    internal static Tensor OutOfScopes(Tensor tensor)
    {
        ThreadTensors.Current.Scopes.Forget(tensor);
        return tensor;
    }

    private protected override void DisposeSource() => _source.Dispose();

    private static Tensor Leaf(Tensor value, bool requiresGrad)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (!value.IsLeaf)
            throw new AutogradException(
                "Parameter: the tensor is the result of a recorded operation; pass value.Detach()");
        value.RequiresGrad = requiresGrad;
        return value;
    }
}
