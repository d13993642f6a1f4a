// A managed object as the `user` of a native callback.

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace TorchScratch;

/// <summary>
/// Holds an object as long as native code may call back with it. The GC handle is freed by the release callback that
/// every registration of the C ABI takes.
/// </summary>
internal static unsafe class CallbackOwner
{
    /// <summary>The release callback for a plain object.</summary>
    internal static nint ReleaseCallback => (nint)(delegate* unmanaged[Cdecl]<void*, void>)&Release;

    internal static nint Allocate<T>(T target) where T : class => GCHandle<T>.ToIntPtr(new GCHandle<T>(target));

    internal static T Get<T>(nint user) where T : class => GCHandle<T>.FromIntPtr(user).Target;

    /// <summary>The object, which is held no longer.</summary>
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
