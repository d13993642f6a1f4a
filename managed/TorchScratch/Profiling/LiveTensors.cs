// Which tensors are alive, and where they were made.

using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace TorchScratch;

/// <summary>
/// For finding what holds memory: notes, for every tensor made while a <see cref="Track"/> scope is open, the line of
/// the caller's code that made it. Off, which it is at first, it costs nothing; on, a stack trace for each tensor.
/// </summary>
public static class LiveTensors
{
    // Entries go with their tensors.
    private static readonly ConditionalWeakTable<Tensor, string> Sites = [];
    private static int open;

    /// <summary>Whether a scope is open.</summary>
    public static bool IsTracking => Volatile.Read(ref open) > 0;

    /// <summary>Notes the tensors made, on all threads, until the result is disposed.</summary>
    public static LiveTensorTracking Track()
    {
        Interlocked.Increment(ref open);
        return new();
    }

    /// <summary>
    /// The noted tensors that are alive: neither disposed nor, unless it is told not to look, dead to the garbage
    /// collector.
    /// </summary>
    /// <param name="collect">Whether to collect garbage first, so that forgotten tensors do not count.</param>
    public static LiveTensorReport Snapshot(bool collect = true)
    {
        if (collect)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        var tensors = new List<LiveTensor>();
        foreach (var (tensor, site) in Sites)
        {
            if (tensor.IsDisposed)
                continue;
            try
            {
                tensors.Add(new(site, [.. tensor.Shape], tensor.DType, tensor.ElementCount * tensor.DType.ItemSize));
            }
            catch (ObjectDisposedException)
            {
                // Just now, by another thread.
            }
        }
        return new(tensors);
    }

    /// <summary>Notes a tensor that was just made.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static void Note(Tensor tensor) => Sites.AddOrUpdate(tensor, CallerSite());

    internal static void Close()
    {
        if (Interlocked.Decrement(ref open) == 0)
            Sites.Clear();
    }

    // The first frame outside the library. Without symbols there is no line, and after trimming perhaps no name.
    private static string CallerSite()
    {
        var own = typeof(Tensor).Assembly.FullName;
        foreach (var frame in new StackTrace(2, fNeedFileInfo: true).GetFrames())
        {
            if (DiagnosticMethodInfo.Create(frame) is not { } method || method.DeclaringAssemblyName == own)
                continue;
            var file = frame.GetFileName();
            return file is null
                ? $"{method.DeclaringTypeName}.{method.Name}"
                : string.Create(CultureInfo.InvariantCulture, $"{file}:{frame.GetFileLineNumber()}");
        }
        return "(unknown)";
    }
}

/// <summary>Notes tensors until it is disposed; see <see cref="LiveTensors.Track"/>. Scopes may overlap.</summary>
public sealed class LiveTensorTracking : IDisposable
{
    private int _ended;

    internal LiveTensorTracking()
    {
    }

    /// <summary>Stops noting, and forgets what was noted, unless another scope is open.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _ended, 1) == 0)
            LiveTensors.Close();
    }
}
