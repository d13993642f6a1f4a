// Makes batches ahead of their use, on threads of its own, and hands them over in order.

using System.Runtime.ExceptionServices;

namespace TorchScratch.Data;

/// <summary>
/// Threads take batch numbers one after the other, never more than a fixed number ahead of the consumer, and leave what
/// they made in the number's slot of a ring. So the consumer sees the same batches in the same order, and an error at the
/// same place, whatever the number of threads.
/// </summary>
internal sealed class BatchPrefetcher<TBatch> : IDisposable
{
    private readonly object _gate = new();
    private readonly Func<int, TBatch> _make;
    private readonly Slot[] _ring;
    private readonly int _end;
    private readonly Thread[] _threads;
    private readonly CancellationToken _cancellation;
    private readonly CancellationTokenRegistration _registration;
    private int _nextToMake;
    private int _nextToTake;
    private bool _isStopped;

    /// <summary>Starts making batches <paramref name="first"/> to <paramref name="end"/> - 1.</summary>
    public BatchPrefetcher(Func<int, TBatch> make, int first, int end, int workers, int ahead, CancellationToken cancellation)
    {
        _make = make;
        _end = end;
        _cancellation = cancellation;
        _nextToMake = _nextToTake = first;
        _ring = new Slot[Math.Min(ahead, end - first)];
        // Wakes whoever waits, so that the wait is over as soon as the token is cancelled.
        _registration = cancellation.UnsafeRegister(static self => ((BatchPrefetcher<TBatch>)self!).WakeAll(), this);
        _threads = new Thread[Math.Min(workers, end - first)];
        for (var i = 0; i < _threads.Length; i++)
        {
            _threads[i] = new Thread(Work) { IsBackground = true, Name = $"TorchScratch data loader {i}" };
            _threads[i].Start();
        }
    }

    /// <summary>The next batch; waits until it is made.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public TBatch Take()
    {
        _cancellation.ThrowIfCancellationRequested();
        lock (_gate)
        {
            ref var slot = ref _ring[_nextToTake % _ring.Length];
            while (!slot.IsReady)
            {
                _cancellation.ThrowIfCancellationRequested();
                Monitor.Wait(_gate);
            }
            var taken = slot;
            slot = default;
            _nextToTake++;
            Monitor.PulseAll(_gate);
            taken.Error?.Throw();
            return taken.Batch;
        }
    }

    /// <summary>Ends the threads and frees batches that nobody took.</summary>
    public void Dispose()
    {
        _registration.Dispose();
        lock (_gate)
        {
            _isStopped = true;
            Monitor.PulseAll(_gate);
        }
        foreach (var thread in _threads)
            thread.Join();
        foreach (var slot in _ring)
            (slot.Batch as IDisposable)?.Dispose();
        Array.Clear(_ring);
    }

    private void Work()
    {
        Interlocked.Increment(ref BatchPrefetcher.Running);
        try
        {
            MakeBatches();
        }
        finally
        {
            Interlocked.Decrement(ref BatchPrefetcher.Running);
        }
    }

    private void MakeBatches()
    {
        while (TryNext(out var number))
        {
            var slot = new Slot { IsReady = true };
            try
            {
                slot.Batch = _make(number);
            }
            catch (Exception e)
            {
                // Rethrown where the consumer asks for this batch, with the stack of this thread.
                slot.Error = ExceptionDispatchInfo.Capture(e);
            }
            lock (_gate)
            {
                _ring[number % _ring.Length] = slot;
                Monitor.PulseAll(_gate);
            }
        }
    }

    private bool TryNext(out int number)
    {
        lock (_gate)
        {
            while (!_isStopped && _nextToMake < _end && _nextToMake - _nextToTake >= _ring.Length)
                Monitor.Wait(_gate);
            number = _nextToMake++;
            return !_isStopped && number < _end && !_cancellation.IsCancellationRequested;
        }
    }

    private void WakeAll()
    {
        lock (_gate)
            Monitor.PulseAll(_gate);
    }

    private struct Slot
    {
        public bool IsReady;
        public TBatch Batch;
        public ExceptionDispatchInfo? Error;
    }
}

/// <summary>What is known of all prefetchers together.</summary>
internal static class BatchPrefetcher
{
    internal static int Running;

    /// <summary>Worker threads that have not ended, for tests of leaks.</summary>
    public static int RunningThreads => Volatile.Read(ref Running);
}
