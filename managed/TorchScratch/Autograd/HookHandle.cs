// Takes a hook away again.

namespace TorchScratch;

/// <summary>A registered hook; disposing it removes the hook. Forgetting it leaves the hook where it is.</summary>
public sealed class HookHandle : IDisposable
{
    private Action? _remove;

    internal HookHandle(Action remove) => _remove = remove;

    /// <summary>Removes the hook. More than once is harmless.</summary>
    public void Dispose() => Interlocked.Exchange(ref _remove, null)?.Invoke();
}
