// How a data set learns that the batch it is making is no longer wanted.

namespace TorchScratch.Data;

/// <summary>
/// The batch that the current thread is making for a <see cref="DataLoader{TBatch}"/>. Leaving the loader's loop, or
/// cancelling it, waits until its threads have noticed. The library's data sets look between two samples; one of your
/// own whose batches take long calls <see cref="ThrowIfUnwanted"/> there, or passes <see cref="Cancellation"/> on.
/// </summary>
public static class BatchWork
{
    [ThreadStatic]
    private static CancellationToken s_cancellation;

    /// <summary>Cancelled when the batch is no longer wanted; never outside of a loader.</summary>
    public static CancellationToken Cancellation => s_cancellation;

    /// <summary>Ends the work on a batch that is no longer wanted.</summary>
    /// <exception cref="OperationCanceledException">It is not; the loader catches the exception.</exception>
    public static void ThrowIfUnwanted() => s_cancellation.ThrowIfCancellationRequested();

    /// <summary>Makes a batch under a token.</summary>
    internal static TBatch Make<TBatch>(Func<int, TBatch> make, int number, CancellationToken cancellation)
    {
        // A data set may itself read from a loader.
        var before = s_cancellation;
        s_cancellation = cancellation;
        try
        {
            return make(number);
        }
        finally
        {
            s_cancellation = before;
        }
    }
}
