// What one thread knows of its tensors: found once per tensor made.

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

    // Nothing but the thread holds it, so this is when the thread has ended.
    ~ThreadTensors() => TensorLedger.Return(Ledger);

    /// <summary>This thread's.</summary>
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
