// Where a program spends its time and its memory.

using TorchScratch.Interop;

namespace TorchScratch;

/// <summary>
/// Sees every operator and every node of backward passes, on all threads, from its construction until it is stopped or
/// disposed. One can run at a time. It costs about a tenth of a microsecond for an operator, and nothing while none
/// runs.
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

    /// <summary>Starts.</summary>
    /// <exception cref="TensorNotSupportedException">Another one runs.</exception>
    public Profiler()
    {
        Status.Check(Native.ts_profiler_start());
        Volatile.Write(ref current, this);
    }

    /// <summary>The one that runs; null while none does. For code that names its parts whoever profiles it.</summary>
    public static Profiler? Current => Volatile.Read(ref current);

    /// <summary>Whether it still collects.</summary>
    public bool IsRunning => ReferenceEquals(Current, this);

    /// <summary>
    /// Names a part of this thread's work, until the result is disposed: <c>using (profiler.Range("forward"))</c>
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

    /// <summary>Ends it; more than once gives the same profile.</summary>
    public Profile Stop()
    {
        if (Interlocked.CompareExchange(ref current, null, this) != this)
            return _profile ?? throw new ObjectDisposedException(nameof(Profiler));
        nint profile;
        Status.Check(Native.ts_profiler_stop(&profile));
        return _profile = new(profile);
    }

    /// <summary>What it has seen so far; it goes on.</summary>
    public Profile Snapshot()
    {
        if (!IsRunning)
            return Stop();
        nint profile;
        Status.Check(Native.ts_profiler_snapshot(&profile));
        return new(profile);
    }

    /// <summary>What it has seen so far, as <see cref="Profile.Summary"/> tells it.</summary>
    public string Summary(int limit = 0) => Snapshot().Summary(limit);

    /// <summary>What it has seen so far, as <see cref="Profile.SaveChromeTrace"/> writes it.</summary>
    public void SaveChromeTrace(string path) => Snapshot().SaveChromeTrace(path);

    /// <summary>Ends it, if it runs.</summary>
    public void Dispose()
    {
        if (IsRunning)
            Stop();
    }
}

/// <summary>A named part of a thread's work; see <see cref="Profiler.Range"/>.</summary>
public readonly ref struct ProfilerRange
{
    private readonly bool _begun;

    internal ProfilerRange(bool begun) => _begun = begun;

    /// <summary>Ends it, on the thread where it began.</summary>
    public void Dispose()
    {
        if (_begun)
            Status.Check(Native.ts_profiler_pop_range());
    }
}
