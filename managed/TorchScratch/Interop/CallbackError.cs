// Carries an exception over native frames: stored where a callback ends, rethrown where the native call returns.

using System.Runtime.ExceptionServices;
using TorchScratch.Interop;

namespace TorchScratch;

/// <summary>
/// An exception must not unwind native frames. A callback catches it, reports a status, and the call that led there
/// throws the same object again, with its first stack trace. Native code calls back on the thread that entered it.
/// </summary>
internal static unsafe class CallbackError
{
    [ThreadStatic]
    private static ExceptionDispatchInfo? stored;

    /// <summary>Keeps the exception; returns the status the callback ends with.</summary>
    internal static int Store(Exception exception)
    {
        stored = ExceptionDispatchInfo.Capture(exception);
        using var message = new Utf8Lease($"{exception.GetType().Name}: {exception.Message}");
        Native.ts_set_callback_error(message.Pointer);
        return (int)ErrorKind.Callback;
    }

    /// <summary>Throws what a callback stored, if the call failed for that.</summary>
    internal static void RethrowAfter(int status, string message)
    {
        var exception = stored;
        stored = null;
        if (status != (int)ErrorKind.Callback || exception is null)
            return;
        // In anomaly mode the message also tells where the forward call was.
        exception.SourceException.Data["TorchScratch"] = message;
        exception.Throw();
    }
}
