// The result of profiling.

using System.Runtime.InteropServices;
using TorchScratch.Interop;
using TorchScratch.IO;

namespace TorchScratch;

/// <summary>The kind of an event of a profile.</summary>
public enum ProfileKind
{
    /// <summary>A call of an operator, whether composite or inside a composite.</summary>
    Operator = 0,

    /// <summary>A node of the graph that a backward pass ran.</summary>
    Node = 1,

    /// <summary>A range named by <see cref="Profiler.Range"/>.</summary>
    Range = 2,
}

/// <summary>One event of a profile.</summary>
/// <param name="Name">The name of the operator, node or range.</param>
/// <param name="Kind">The kind of event.</param>
/// <param name="Begin">The start, relative to the start of the profiler.</param>
/// <param name="Duration">The time from start to end.</param>
/// <param name="SelfDuration">The duration without that of nested events.</param>
/// <param name="Bytes">The bytes of tensor data that the thread allocated during the event.</param>
/// <param name="SelfBytes">The bytes without those of nested events.</param>
/// <param name="LiveBytes">
/// The native memory that all threads used at the end of the event, accurate to 256 KiB per thread.
/// </param>
/// <param name="Thread">The thread, numbered from 0 in the order of first events.</param>
/// <param name="Depth">The number of enclosing events.</param>
public readonly record struct ProfileEvent(string Name, ProfileKind Kind, TimeSpan Begin, TimeSpan Duration,
    TimeSpan SelfDuration, long Bytes, long SelfBytes, long LiveBytes, int Thread, int Depth);

/// <summary>All events of one name.</summary>
/// <param name="Name">The name of the operator, node or range.</param>
/// <param name="Kind">The kind of event.</param>
/// <param name="Calls">The number of events.</param>
/// <param name="Total">The total duration; an event nested in one of the same name is not counted twice.</param>
/// <param name="Self">The total duration without that of nested events.</param>
/// <param name="SelfBytes">The bytes of tensor data allocated, without those of nested events.</param>
public sealed record ProfileRow(string Name, ProfileKind Kind, long Calls, TimeSpan Total, TimeSpan Self,
    long SelfBytes)
{
    /// <summary>The average duration of an event; zero if there were none.</summary>
    public TimeSpan Average => Calls == 0 ? TimeSpan.Zero : Total / Calls;
}

/// <summary>
/// The events that a <see cref="Profiler"/> recorded. Disposing it is optional and frees native memory immediately.
/// </summary>
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

    /// <summary>All events, thread by thread, in the order in which they ended. Times are accurate to 100 ns.</summary>
    public IReadOnlyList<ProfileEvent> Events => _events.Value;

    /// <summary>The events grouped by name, those with the longest time without nested events first.</summary>
    public IReadOnlyList<ProfileRow> Rows => _rows.Value;

    /// <summary>
    /// A table of events by name: number, total time, time without nested events, average, percentage and bytes.
    /// </summary>
    /// <param name="limit">The largest number of rows; 0 for all.</param>
    public string Summary(int limit = 0)
    {
        byte* text;
        Status.Check(Native.ts_profile_table(_handle.Pointer, limit, &text));
        GC.KeepAlive(_handle);
        return NativeText.Take(text);
    }

    /// <summary>
    /// A trace in the JSON format of chrome://tracing and ui.perfetto.dev: nested events by thread, and memory in
    /// use over time.
    /// </summary>
    public string ToChromeTrace()
    {
        byte* text;
        Status.Check(Native.ts_profile_trace(_handle.Pointer, &text));
        GC.KeepAlive(_handle);
        return NativeText.Take(text);
    }

    /// <summary>
    /// Writes <see cref="ToChromeTrace"/> to a file. An existing file is replaced only once the new one is complete.
    /// </summary>
    /// <exception cref="TensorIOException">The file cannot be written.</exception>
    public void SaveChromeTrace(string path) => WholeFile.Write(path, ToChromeTrace());

    /// <summary>
    /// Frees native memory. <see cref="Events"/> and <see cref="Rows"/> remain available if they were read before.
    /// </summary>
    public void Dispose() => _handle.Dispose();

    /// <inheritdoc/>
    public override string ToString() => _handle.IsClosed ? "Profile (disposed)" : Summary();

    private ProfileEvent[] ReadEvents()
    {
        // There are few distinct names, so each is converted once.
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
