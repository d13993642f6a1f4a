// Carries an exception across native frames: a callback stores it, and the caller of native code rethrows it.

using System.Runtime.ExceptionServices;
using TorchScratch.Interop;

namespace TorchScratch;

/// <summary>
/// An exception must not unwind native frames. A callback therefore catches it and returns an error status, and the
/// native call that led to the callback rethrows the same object with its original stack trace. Native code calls back
/// on the thread that called it.
/// </summary>
internal static unsafe class CallbackError
{
    [ThreadStatic]
    private static ExceptionDispatchInfo? stored;

    /// <summary>Stores the exception; returns the status for the callback to return.</summary>
    internal static int Store(Exception exception)
    {
        stored = ExceptionDispatchInfo.Capture(exception);
        using var message = new Utf8Lease($"{exception.GetType().Name}: {exception.Message}");
        Native.ts_set_callback_error(message.Pointer);
        return (int)ErrorKind.Callback;
    }

    /// <summary>Rethrows the stored exception if it is what made the call fail.</summary>
    internal static void RethrowAfter(int status, string message)
    {
        var exception = stored;
        stored = null;
        if (status != (int)ErrorKind.Callback || exception is null)
            return;
        // In anomaly mode the message includes the stack trace of the forward call.
        exception.SourceException.Data["TorchScratch"] = message;
        exception.Throw();
    }
}
