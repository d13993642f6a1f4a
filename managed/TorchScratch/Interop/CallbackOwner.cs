// Managed objects as the `user` pointers of native callbacks.

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace TorchScratch;

/// <summary>
/// Keeps an object alive as long as native code may call back with it. The GC handle is freed by the release callback
/// that every registration function of the C ABI takes.
/// </summary>
internal static unsafe class CallbackOwner
{
    /// <summary>The release callback, which frees the handle.</summary>
    internal static nint ReleaseCallback => (nint)(delegate* unmanaged[Cdecl]<void*, void>)&Release;

    internal static nint Allocate<T>(T target) where T : class => GCHandle<T>.ToIntPtr(new GCHandle<T>(target));

    internal static T Get<T>(nint user) where T : class => GCHandle<T>.FromIntPtr(user).Target;

    /// <summary>Frees the handle and returns its object.</summary>
    internal static T Take<T>(nint user) where T : class
    {
        var handle = GCHandle<T>.FromIntPtr(user);
        var target = handle.Target;
        handle.Dispose();
        return target;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Release(void* user) => GCHandle.FromIntPtr((nint)user).Free();
}
