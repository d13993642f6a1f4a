// A scope that disposes the tensors created in it.

namespace TorchScratch;

/// <summary>
/// At its end, disposes the tensors that this thread has created since its start, as in <c>using var step =
/// Tensor.Scope();</c>. Memory that other tensors, graphs or gradients need stays alive; only the handles are disposed.
/// Scopes can be nested, and allocate nothing in a steady loop.
/// </summary>
/// <remarks>
/// A scope belongs to a thread and a block, so it cannot be stored in a field or used across an await.
/// </remarks>
public readonly ref struct TensorScope : IDisposable
{
    private readonly TensorScopes? _scopes;
    private readonly int _depth;
    private readonly long _id;

    internal TensorScope(TensorScopes scopes, int depth, long id) => (_scopes, _depth, _id) = (scopes, depth, id);

    /// <summary>Removes a tensor from all scopes, so that none disposes it. Returns the tensor.</summary>
    public Tensor Keep(Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        _scopes?.Forget(tensor);
        return tensor;
    }

    /// <summary>Disposes the tensors of this scope and of scopes opened inside it that are still open.</summary>
    public void Dispose() => _scopes?.Close(_depth, _id);
}

public partial class Tensor
{
    /// <summary>
    /// Opens a scope: the tensors that this thread creates from now on are disposed at its end, except for those
    /// removed by <see cref="TensorScope.Keep"/> or <see cref="MoveToOuterScope"/>.
    /// </summary>
    public static TensorScope Scope() => ThreadTensors.Current.Scopes.Open();

    /// <summary>
    /// Moves the tensor from the scope that holds it to the enclosing one, or out of all scopes if there is none. Does
    /// nothing if no scope of this thread holds it. Returns the tensor.
    /// </summary>
    public Tensor MoveToOuterScope()
    {
        ThreadTensors.Current.Scopes.MoveOut(this);
        return this;
    }
}
