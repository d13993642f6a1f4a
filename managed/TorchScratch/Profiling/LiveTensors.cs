// Which tensors are alive, and where they were created.

using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace TorchScratch;

/// <summary>
/// Finds what holds memory: while a <see cref="Track"/> scope is open, the line of user code that creates a tensor is
/// recorded for every tensor. This costs a stack trace for each tensor, and nothing while no scope is open.
/// </summary>
public static class LiveTensors
{
    // Entries are removed together with their tensors.
    private static readonly ConditionalWeakTable<Tensor, string> Sites = [];
    private static int open;

    /// <summary>Whether a scope is open.</summary>
    public static bool IsTracking => Volatile.Read(ref open) > 0;

    /// <summary>Records the tensors created on all threads until the result is disposed.</summary>
    public static LiveTensorTracking Track()
    {
        Interlocked.Increment(ref open);
        return new();
    }

    /// <summary>
    /// The recorded tensors that are alive: not disposed and, if garbage was collected, still reachable.
    /// </summary>
    /// <param name="collect">Whether to collect garbage first, so that unreachable tensors are not counted.</param>
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
                tensors.Add(new(site, [.. tensor.Shape], tensor.DType, tensor.ElementCount * tensor.DType.ItemSize,
                    tensor.Device));
            }
            catch (ObjectDisposedException)
            {
                // Disposed by another thread in the meantime.
            }
        }
        return new(tensors);
    }

    /// <summary>Records a new tensor.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static void Record(Tensor tensor) => Sites.AddOrUpdate(tensor, CallerSite());

    internal static void Close()
    {
        if (Interlocked.Decrement(ref open) == 0)
            Sites.Clear();
    }

    // The first frame outside the library. Without symbols there is no line, and after trimming there may be no name.
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

/// <summary>Records tensors until it is disposed; see <see cref="LiveTensors.Track"/>. Scopes may overlap.</summary>
public sealed class LiveTensorTracking : IDisposable
{
    private int _ended;

    internal LiveTensorTracking()
    {
    }

    /// <summary>Stops recording and discards what was recorded, unless another scope is open.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _ended, 1) == 0)
            LiveTensors.Close();
    }
}
