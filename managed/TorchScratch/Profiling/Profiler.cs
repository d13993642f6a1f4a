// Measures where a program spends time and memory.

using TorchScratch.Interop;

namespace TorchScratch;

/// <summary>
/// Records every operator and every node of backward passes, on all threads, from its construction until it is stopped
/// or disposed. Only one profiler can run at a time. It costs about 0.1 microseconds per operator while it runs.
/// </summary>
/// <example>
/// <code>
/// using var profiler = new Profiler();
/// using (profiler.Range("step"))
///     TrainOneStep();
/// Console.WriteLine(profiler.Summary(limit: 20));
/// profiler.SaveChromeTrace("trace.json");
/// </code>
/// </example>
public sealed unsafe class Profiler : IDisposable
{
    private static Profiler? current;

    private Profile? _profile;

    /// <summary>Starts profiling.</summary>
    /// <exception cref="TensorNotSupportedException">Another profiler is running.</exception>
    public Profiler()
    {
        Status.Check(Native.ts_profiler_start());
        Volatile.Write(ref current, this);
    }

    /// <summary>
    /// The running profiler; null if there is none. For code that names ranges without starting a profiler itself.
    /// </summary>
    public static Profiler? Current => Volatile.Read(ref current);

    /// <summary>Whether this profiler is running.</summary>
    public bool IsRunning => ReferenceEquals(Current, this);

    /// <summary>
    /// Names a range of the work of this thread, until the result is disposed: <c>using (profiler.Range("forward"))</c>
    /// </summary>
    public ProfilerRange Range(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (!IsRunning)
            return default;
        using var text = new Utf8Lease(name);
        Status.Check(Native.ts_profiler_push_range(text.Pointer));
        return new(begun: true);
    }

    /// <summary>Stops profiling. Further calls return the same profile.</summary>
    public Profile Stop()
    {
        if (Interlocked.CompareExchange(ref current, null, this) != this)
            return _profile ?? throw new ObjectDisposedException(nameof(Profiler));
        nint profile;
        Status.Check(Native.ts_profiler_stop(&profile));
        return _profile = new(profile);
    }

    /// <summary>The events recorded so far; the profiler continues to run.</summary>
    public Profile Snapshot()
    {
        if (!IsRunning)
            return Stop();
        nint profile;
        Status.Check(Native.ts_profiler_snapshot(&profile));
        return new(profile);
    }

    /// <summary>The <see cref="Profile.Summary"/> of the events recorded so far.</summary>
    public string Summary(int limit = 0) => Snapshot().Summary(limit);

    /// <summary>Writes the events recorded so far, as <see cref="Profile.SaveChromeTrace"/> does.</summary>
    public void SaveChromeTrace(string path) => Snapshot().SaveChromeTrace(path);

    /// <summary>Stops profiling, if it is running.</summary>
    public void Dispose()
    {
        if (IsRunning)
            Stop();
    }
}

/// <summary>A named range of the work of a thread; see <see cref="Profiler.Range"/>.</summary>
public readonly ref struct ProfilerRange : IDisposable
{
    private readonly bool _begun;

    internal ProfilerRange(bool begun) => _begun = begun;

    /// <summary>Ends the range, on the thread that started it.</summary>
    public void Dispose()
    {
        if (_begun)
            Status.Check(Native.ts_profiler_pop_range());
    }
}
