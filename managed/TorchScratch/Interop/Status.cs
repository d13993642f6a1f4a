// Converts a status of the C ABI to an exception; success costs one comparison.

using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchScratch.Interop;

namespace TorchScratch;

internal static class Status
{
    /// <exception cref="TorchScratchException">The exception for the native error.</exception>
    /// <exception cref="Exception">The exception of a callback, if it made the call fail.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Check(int status)
    {
        if (status != 0)
            Throw(status);
    }

    [DoesNotReturn]
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Throw(int status)
    {
        var message = Marshal.PtrToStringUTF8(Native.ts_last_error_message()) ?? "unknown error";
        CallbackError.RethrowAfter(status, message);
        throw TorchScratchException.Create(status, message);
    }
}
