// The per-thread state of tensors, looked up once for each tensor created.

using System.Runtime.CompilerServices;

namespace TorchScratch;

/// <summary>The ledger and the open scopes of a thread.</summary>
internal sealed class ThreadTensors
{
    [ThreadStatic]
    private static ThreadTensors? current;

    private ThreadTensors()
    {
    }

    // Only the thread refers to this object, so the finalizer runs after the thread has ended.
    ~ThreadTensors() => TensorLedger.Return(Ledger);

    /// <summary>The instance of this thread.</summary>
    internal static ThreadTensors Current
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => current ?? Create();
    }

    internal TensorLedger Ledger { get; } = TensorLedger.Obtain();

    internal TensorScopes Scopes { get; } = new();

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ThreadTensors Create() => current = new();
}
