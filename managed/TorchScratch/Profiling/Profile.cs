// What a profiler saw.

using System.Runtime.InteropServices;
using TorchScratch.Interop;
using TorchScratch.IO;

namespace TorchScratch;

/// <summary>What an event of a profile is.</summary>
public enum ProfileKind
{
    /// <summary>A call of an operator; composites and the operators inside them alike.</summary>
    Operator = 0,

    /// <summary>A node of the graph, run by a backward pass.</summary>
    Node = 1,

    /// <summary>A part that <see cref="Profiler.Range"/> named.</summary>
    Range = 2,
}

/// <summary>One call that a profiler saw.</summary>
/// <param name="Name">The operator, the node or the range.</param>
/// <param name="Kind">Which of these.</param>
/// <param name="Begin">Since the profiler was started.</param>
/// <param name="Duration">From begin to end.</param>
/// <param name="SelfDuration">Without the events inside.</param>
/// <param name="Bytes">Tensor data allocated meanwhile by the thread of the call.</param>
/// <param name="SelfBytes">Without the events inside.</param>
/// <param name="LiveBytes">Native memory in use by all threads at the end, to within 256 KiB a thread.</param>
/// <param name="Thread">Threads are numbered from 0 in the order in which they met the profiler.</param>
/// <param name="Depth">How many events are around it.</param>
public readonly record struct ProfileEvent(string Name, ProfileKind Kind, TimeSpan Begin, TimeSpan Duration,
    TimeSpan SelfDuration, long Bytes, long SelfBytes, long LiveBytes, int Thread, int Depth);

/// <summary>All calls of one name.</summary>
/// <param name="Name">The operator, the node or the range.</param>
/// <param name="Kind">Which of these.</param>
/// <param name="Calls">How many.</param>
/// <param name="Total">Time with what ran inside; a call inside one of the same name counts once.</param>
/// <param name="Self">Time without.</param>
/// <param name="SelfBytes">Tensor data allocated by the calls themselves.</param>
public sealed record ProfileRow(string Name, ProfileKind Kind, long Calls, TimeSpan Total, TimeSpan Self,
    long SelfBytes)
{
    /// <summary>Time of a call, with what ran inside.</summary>
    public TimeSpan Average => Total / Calls;
}

/// <summary>What a <see cref="Profiler"/> saw. Disposing frees it at once; nobody has to.</summary>
public sealed unsafe class Profile : IDisposable
{
    private readonly Handle _handle;
    private readonly Lazy<ProfileEvent[]> _events;
    private readonly Lazy<ProfileRow[]> _rows;

    internal Profile(nint handle)
    {
        _handle = new(handle);
        _events = new(ReadEvents);
        _rows = new(ReadRows);
    }

    /// <summary>
    /// Every call, in the order of their ends on each thread, threads one after the other. Times to 100 ns.
    /// </summary>
    public IReadOnlyList<ProfileEvent> Events => _events.Value;

    /// <summary>Calls by name, those with most time of their own first.</summary>
    public IReadOnlyList<ProfileRow> Rows => _rows.Value;

    /// <summary>A table of calls by name: number, total and own time, average, share of the time, bytes.</summary>
    /// <param name="limit">Rows shown; 0 for all.</param>
    public string Summary(int limit = 0)
    {
        byte* text;
        Status.Check(Native.ts_profile_table(_handle.Pointer, limit, &text));
        GC.KeepAlive(_handle);
        return NativeText.Take(text);
    }

    /// <summary>
    /// JSON that chrome://tracing and ui.perfetto.dev show: calls nested by thread, and memory in use as a curve.
    /// </summary>
    public string ToChromeTrace()
    {
        byte* text;
        Status.Check(Native.ts_profile_trace(_handle.Pointer, &text));
        GC.KeepAlive(_handle);
        return NativeText.Take(text);
    }

    /// <summary>
    /// Writes <see cref="ToChromeTrace"/> to a file, which is replaced only when the new one is complete.
    /// </summary>
    /// <exception cref="TensorIOException">The file cannot be written.</exception>
    public void SaveChromeTrace(string path) => WholeFile.Write(path, ToChromeTrace());

    /// <summary>
    /// Frees the native part; <see cref="Events"/> and <see cref="Rows"/> stay if they were read before.
    /// </summary>
    public void Dispose() => _handle.Dispose();

    /// <inheritdoc/>
    public override string ToString() => _handle.IsClosed ? "Profile (disposed)" : Summary();

    private ProfileEvent[] ReadEvents()
    {
        // Few names, many events.
        var names = new Dictionary<nint, string>();
        var events = new ProfileEvent[Native.ts_profile_event_count(_handle.Pointer)];
        for (var i = 0; i < events.Length; i++)
        {
            ts_profile_event e;
            Native.ts_profile_get_event(_handle.Pointer, i, &e);
            if (!names.TryGetValue((nint)e.name, out var name))
                names.Add((nint)e.name, name = Marshal.PtrToStringUTF8((nint)e.name)!);
            var duration = e.end - e.begin;
            events[i] = new(name, (ProfileKind)e.kind, Time(e.begin), Time(duration),
                Time(duration - e.inner_time), e.bytes, e.bytes - e.inner_bytes, e.live_bytes, e.thread, e.depth);
        }
        GC.KeepAlive(_handle);
        return events;
    }

    private ProfileRow[] ReadRows()
    {
        var rows = new ProfileRow[Native.ts_profile_row_count(_handle.Pointer)];
        for (var i = 0; i < rows.Length; i++)
        {
            ts_profile_row row;
            Native.ts_profile_get_row(_handle.Pointer, i, &row);
            rows[i] = new(Marshal.PtrToStringUTF8((nint)row.name)!, (ProfileKind)row.kind, row.calls,
                Time(row.total_time), Time(row.self_time), row.self_bytes);
        }
        GC.KeepAlive(_handle);
        return rows;
    }

    private static TimeSpan Time(long nanoseconds) => new(nanoseconds / TimeSpan.NanosecondsPerTick);

    private sealed class Handle : SafeHandle
    {
        public Handle(nint value) : base(0, ownsHandle: true) => SetHandle(value);

        public override bool IsInvalid => handle == 0;

        public nint Pointer => IsClosed ? throw new ObjectDisposedException(nameof(Profile)) : handle;

        protected override bool ReleaseHandle()
        {
            Native.ts_profile_release(handle);
            return true;
        }
    }
}
