// Keeps what a safe handle stands for alive during a call of the core.

using System.Runtime.InteropServices;

namespace TorchScratch.Interop;

/// <summary>Until it is disposed, a Dispose on another thread does not free the handle.</summary>
internal readonly ref struct HandleLease
{
    private readonly SafeHandle _handle;

    /// <exception cref="ObjectDisposedException">The handle was freed.</exception>
    public HandleLease(SafeHandle handle)
    {
        var added = false;
        handle.DangerousAddRef(ref added);
        _handle = handle;
    }

    public nint Pointer => _handle.DangerousGetHandle();

    public void Dispose() => _handle.DangerousRelease();
}
