// A region of code that disposes the tensors made in it.

namespace TorchScratch;

/// <summary>
/// Disposes, at its end, the tensors that this thread made since it began, as in <c>using var step =
/// Tensor.Scope();</c>. What other tensors, graphs or gradients need of them lives on; only the handles end. Scopes
/// nest, and allocate nothing once warm.
/// </summary>
/// <remarks>A scope belongs to its thread and its block, so it cannot be stored or cross an await.</remarks>
public readonly ref struct TensorScope
{
    private readonly TensorScopes? _scopes;
    private readonly int _depth;
    private readonly long _id;

    internal TensorScope(TensorScopes scopes, int depth, long id) => (_scopes, _depth, _id) = (scopes, depth, id);

    /// <summary>Takes the tensor out of all scopes; returns it.</summary>
    public Tensor Keep(Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        _scopes?.Forget(tensor);
        return tensor;
    }

    /// <summary>Disposes the scope's tensors, and those of scopes left open inside it.</summary>
    public void Dispose() => _scopes?.Close(_depth, _id);
}

public sealed partial class Tensor
{
    /// <summary>
    /// Begins a scope: the tensors this thread makes from here on are disposed at its end, except those kept with
    /// <see cref="TensorScope.Keep"/> or <see cref="MoveToOuterScope"/>.
    /// </summary>
    public static TensorScope Scope() => ThreadTensors.Current.Scopes.Open();

    /// <summary>
    /// Hands the tensor from the scope it was made in to the one around that, or to none; returns it. Does nothing when
    /// no scope of this thread holds it.
    /// </summary>
    public Tensor MoveToOuterScope()
    {
        ThreadTensors.Current.Scopes.MoveOut(this);
        return this;
    }
}
