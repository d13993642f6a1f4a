// A learned tensor of a module.

using System.Diagnostics.CodeAnalysis;

namespace TorchScratch.NN;

/// <summary>
/// A tensor of a module that is learned. It converts implicitly to its tensor, and remains the same object when
/// the module is converted to another element type, so that modules and optimizers can share it. Scopes do not
/// free its tensor.
/// </summary>
public sealed class Parameter : IDisposable
{
    private Tensor _value;

    /// <summary>A parameter that takes ownership of a tensor.</summary>
    /// <param name="value">
    /// A floating-point leaf: a tensor that was not computed from tensors that require a gradient.
    /// </param>
    /// <param name="requiresGrad">Whether gradients are computed for it.</param>
    /// <exception cref="AutogradException">
    /// The tensor is the result of a recorded operation, or not floating point.
    /// </exception>
    public Parameter(Tensor value, bool requiresGrad = true)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (!value.IsLeaf)
            throw new AutogradException(
                "Parameter: the tensor is the result of a recorded operation; pass value.Detach()");
        value.RequiresGrad = requiresGrad;
        _value = OutOfScopes(value);
    }

    /// <summary>
    /// The tensor. If the parameter is computed from others, as by <see cref="WeightNorm"/>, each read
    /// computes it again.
    /// </summary>
    public Tensor Value => Parametrization is null ? _value : Parametrization();

    /// <summary>Computes the tensor from other parameters; null for an independent parameter.</summary>
    internal Func<Tensor>? Parametrization { get; set; }

    /// <summary>Sizes of the dimensions.</summary>
    public ReadOnlySpan<long> Shape => _value.Shape;

    /// <summary>The number of elements.</summary>
    public long ElementCount => _value.ElementCount;

    /// <summary>The element type.</summary>
    public DType DType => _value.DType;

    /// <summary>The gradient that backward passes have accumulated; null if there is none.</summary>
    public Tensor? Grad
    {
        get => _value.Grad;
        set => _value.Grad = value;
    }

    /// <summary>Whether gradients are computed for it.</summary>
    public bool RequiresGrad
    {
        get => _value.RequiresGrad;
        set => _value.RequiresGrad = value;
    }

    /// <summary>Whether its tensor was disposed.</summary>
    public bool IsDisposed => _value.IsDisposed;

    /// <summary>Clears the gradient.</summary>
    /// <param name="setToNull">
    /// Whether to free the gradient, so that the next backward pass stores instead of adds; otherwise it is set to 0.
    /// </param>
    public void ZeroGrad(bool setToNull = true)
    {
        if (setToNull)
        {
            _value.Grad = null;
            return;
        }
        using var gradient = _value.Grad;
        if (gradient is null)
            return;
        using var noGrad = Autograd.NoGrad();
        gradient.Fill_(0);
    }

    /// <summary>Frees the tensor.</summary>
    public void Dispose() => _value.Dispose();

    /// <summary>The tensor as text, as PyTorch prints a parameter.</summary>
    public override string ToString() => $"Parameter containing:\n{_value}";

    /// <summary>The tensor of a parameter; null for null.</summary>
    [return: NotNullIfNotNull(nameof(parameter))]
    public static implicit operator Tensor?(Parameter? parameter) => parameter?.Value;

    /// <summary>Replaces the tensor by a converted copy.</summary>
    internal void Convert(DType dtype)
    {
        var old = _value;
        if (old.DType == dtype)
            return;
        _value = Converted(old, dtype);
        _value.RequiresGrad = old.RequiresGrad;
        old.Dispose();
    }

    /// <summary>Makes the parameter independent again, with the value that the parametrization computes.</summary>
    internal void RemoveParametrization()
    {
        var old = _value;
        using (Autograd.NoGrad())
            _value = OutOfScopes(Parametrization!());
        Parametrization = null;
        _value.RequiresGrad = true;
        old.Dispose();
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
}
