// Keeps a native tensor alive during a call, even if another thread disposes it.

using System.Runtime.CompilerServices;

namespace TorchScratch;

/// <summary>
/// A tensor in use by a native call. If it is disposed during the call, it is freed when its last lease ends. The lease
/// holds the Tensor object, so that a ledger sweep does not find it unreachable. If it was disposed before, the
/// constructor throws an exception that gives the operator (the calling method) and the argument.
/// </summary>
internal readonly ref struct TensorLease
{
    private readonly Tensor? _tensor;

    /// <summary>The native tensor; 0 for null.</summary>
    internal readonly nint Handle;

    /// <exception cref="ObjectDisposedException">The tensor was disposed.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal TensorLease(Tensor? tensor, [CallerArgumentExpression(nameof(tensor))] string? argument = null,
        [CallerMemberName] string? caller = null)
    {
        if (tensor is null)
            return;
        _tensor = tensor.IsComputed ? tensor.Compute() : tensor;
        Handle = _tensor.Enter(argument, caller);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Dispose() => _tensor?.Exit();
}
