// Batches made by threads ahead of their use, handed over in order.

using System.Runtime.ExceptionServices;

namespace TorchScratch.Data;

/// <summary>
/// Threads take batch numbers one after the other, never more than a fixed number ahead of the consumer, and leave what
/// they made in the number's slot of a ring. So the consumer sees the same batches in the same order, and an error at
/// the same place, whatever the number of threads.
/// </summary>
internal sealed class BatchRing<TBatch>
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

    // A consumer that waits without holding its thread; completed with every change, as Monitor.PulseAll wakes others.
    private TaskCompletionSource? _waiter;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _alive;

    /// <summary>A ring for batches <paramref name="first"/> to <paramref name="end"/> - 1.</summary>
    public BatchRing(Func<int, TBatch> make, int first, int end, int workers, int ahead,
        CancellationToken cancellation)
    {
        _make = make;
        _end = end;
        _cancellation = cancellation;
        _nextToMake = _nextToTake = first;
        _ring = new Slot[Math.Min(ahead, end - first)];
        // Wakes whoever waits, so that the wait is over as soon as the token is cancelled.
        _registration = cancellation.UnsafeRegister(static self => ((BatchRing<TBatch>)self!).WakeAll(), this);
        _threads = new Thread[Math.Min(workers, end - first)];
        _alive = _threads.Length;
        for (var i = 0; i < _threads.Length; i++)
            _threads[i] = new Thread(Work) { IsBackground = true, Name = $"TorchScratch data loader {i}" };
    }

    /// <summary>Starts the threads.</summary>
    public void Start()
    {
        foreach (var thread in _threads)
            thread.Start();
    }

    /// <summary>The next batch; waits until it is made.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public TBatch Take()
    {
        Slot taken;
        lock (_gate)
        {
            while (!TryTake(out taken))
                Monitor.Wait(_gate);
        }
        taken.Error?.Throw();
        return taken.Batch;
    }

    /// <summary>The next batch; waits until it is made, without holding the thread.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async ValueTask<TBatch> TakeAsync()
    {
        while (true)
        {
            Slot taken;
            bool isTaken;
            var change = Task.CompletedTask;
            lock (_gate)
            {
                isTaken = TryTake(out taken);
                if (!isTaken)
                {
                    _waiter ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                    change = _waiter.Task;
                }
            }
            if (isTaken)
            {
                taken.Error?.Throw();
                return taken.Batch;
            }
            await change.ConfigureAwait(false);
        }
    }

    /// <summary>Ends the threads and frees batches that nobody took; waits for batches that are being made.</summary>
    public void End()
    {
        Stop();
        foreach (var thread in _threads)
            thread.Join();
        FreeBatches();
    }

    /// <summary>As <see cref="End"/>, without holding the thread.</summary>
    public async ValueTask EndAsync()
    {
        Stop();
        await _ended.Task.ConfigureAwait(false);
        FreeBatches();
    }

    /// <summary>
    /// Has the threads end without waiting for them, for a finalizer; batches that nobody took are garbage like any
    /// other.
    /// </summary>
    public void Abandon()
    {
        _registration.Unregister();
        lock (_gate)
        {
            _isStopped = true;
            WakeAll();
        }
    }

    // Under the lock.
    private bool TryTake(out Slot taken)
    {
        _cancellation.ThrowIfCancellationRequested();
        ref var slot = ref _ring[_nextToTake % _ring.Length];
        taken = slot;
        if (!slot.IsReady)
            return false;
        slot = default;
        _nextToTake++;
        WakeAll();
        return true;
    }

    private void Stop()
    {
        // Not under the lock: it waits for a callback in progress, which takes it.
        _registration.Dispose();
        Abandon();
    }

    private void FreeBatches()
    {
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
            if (Interlocked.Decrement(ref _alive) == 0)
                _ended.TrySetResult();
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
                WakeAll();
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
        {
            Monitor.PulseAll(_gate);
            _waiter?.TrySetResult();
            _waiter = null;
        }
    }

    private struct Slot
    {
        public bool IsReady;
        public TBatch Batch;
        public ExceptionDispatchInfo? Error;
    }
}
