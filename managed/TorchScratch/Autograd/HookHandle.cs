// Removes a registered hook.

namespace TorchScratch;

/// <summary>
/// A registered hook; disposing it removes the hook. If it is never disposed, the hook stays registered.
/// </summary>
public sealed class HookHandle : IDisposable
{
    private Action? _remove;

    internal HookHandle(Action remove) => _remove = remove;

    /// <summary>Removes the hook. Further calls have no effect.</summary>
    public void Dispose() => Interlocked.Exchange(ref _remove, null)?.Invoke();
}
