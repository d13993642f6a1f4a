// What a module learns.

using System.Diagnostics.CodeAnalysis;

namespace TorchScratch.NN;

/// <summary>
/// A place in a model for a tensor that is learned. It stands for its tensor wherever one is asked for, and stays the
/// same object when a model is converted to another element type, so modules and optimizers may both hold it. No scope
/// frees its tensor.
/// </summary>
public sealed class Parameter : IDisposable
{
    private Tensor _value;

    /// <summary>A parameter over a tensor, of which it takes possession.</summary>
    /// <param name="value">A leaf of floating-point numbers: nothing that was computed from another parameter.</param>
    /// <param name="requiresGrad">Whether it learns.</param>
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
    /// The tensor; computed anew each time if the parameter is made of others, as by <see cref="WeightNorm"/>.
    /// </summary>
    public Tensor Value => Parametrization is null ? _value : Parametrization();

    /// <summary>Makes the tensor of other parameters; null for a parameter that is its own.</summary>
    internal Func<Tensor>? Parametrization { get; set; }

    /// <summary>Sizes of the dimensions.</summary>
    public ReadOnlySpan<long> Shape => _value.Shape;

    /// <summary>The number of elements.</summary>
    public long ElementCount => _value.ElementCount;

    /// <summary>The element type.</summary>
    public DType DType => _value.DType;

    /// <summary>What backward passes have added up; null if nothing yet.</summary>
    public Tensor? Grad
    {
        get => _value.Grad;
        set => _value.Grad = value;
    }

    /// <summary>Whether it learns.</summary>
    public bool RequiresGrad
    {
        get => _value.RequiresGrad;
        set => _value.RequiresGrad = value;
    }

    /// <summary>Whether its tensor was disposed.</summary>
    public bool IsDisposed => _value.IsDisposed;

    /// <summary>Drops the gradient.</summary>
    /// <param name="setToNull">
    /// Frees it, so that the next backward pass stores instead of adding; else it becomes 0.
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

    /// <summary>The tensor's text.</summary>
    public override string ToString() => $"Parameter containing:\n{_value}";

    /// <summary>The parameter's tensor; null for null.</summary>
    [return: NotNullIfNotNull(nameof(parameter))]
    public static implicit operator Tensor?(Parameter? parameter) => parameter?.Value;

    /// <summary>Puts a converted copy in the tensor's place.</summary>
    internal void Convert(DType dtype)
    {
        var old = _value;
        if (old.DType == dtype)
            return;
        _value = Converted(old, dtype);
        _value.RequiresGrad = old.RequiresGrad;
        old.Dispose();
    }

    /// <summary>Keeps what the parametrization gives as a value of its own.</summary>
    internal void Settle()
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
