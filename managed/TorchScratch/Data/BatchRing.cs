// Batches made in advance by worker threads and handed over in order.

using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;

namespace TorchScratch.Data;

/// <summary>
/// Worker threads take batch numbers in order, at most a fixed number ahead of the consumer, and put each batch into
/// its slot of a ring. So the consumer sees the same batches in the same order, and an error at the same batch, with
/// any number of threads.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "A source without timer and links owns nothing to dispose.")]
internal sealed class BatchRing<TBatch>
{
    private readonly object _gate = new();
    private readonly Func<int, TBatch> _make;
    private readonly Slot[] _ring;
    private readonly int _end;
    private readonly Thread[] _threads;
    private readonly CancellationToken _cancellation;
    private readonly CancellationTokenRegistration _registration;
    // Tells data sets that look between samples.
    private readonly CancellationTokenSource _unwanted = new();
    private int _nextToMake;
    private int _nextToTake;
    private bool _isStopped;

    // For a consumer that waits asynchronously: completed with every change, like Monitor.PulseAll for blocked threads.
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
        // Interrupts batches and wakes all waiting threads, so that cancellation takes effect at once.
        _registration = cancellation.UnsafeRegister(static self => ((BatchRing<TBatch>)self!).Interrupt(), this);
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

    /// <summary>The next batch; blocks until it is ready.</summary>
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

    /// <summary>The next batch; waits until it is ready, without blocking the thread.</summary>
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

    /// <summary>
    /// Stops the threads, waits for batches that are being made, and frees batches that were not taken.
    /// </summary>
    public void End()
    {
        Stop();
        foreach (var thread in _threads)
            thread.Join();
        FreeBatches();
    }

    /// <summary>As <see cref="End"/>, without blocking the thread.</summary>
    public async ValueTask EndAsync()
    {
        Stop();
        await _ended.Task.ConfigureAwait(false);
        FreeBatches();
    }

    /// <summary>
    /// Tells the threads to stop without waiting for them, for a finalizer. Batches that were not taken are left to the
    /// garbage collector.
    /// </summary>
    public void Abandon()
    {
        _registration.Unregister();
        lock (_gate)
        {
            _isStopped = true;
        }
        Interrupt();
    }

    private void Interrupt()
    {
        // What users have registered runs elsewhere: it may throw, and this may be the finalizer's thread.
        _ = _unwanted.CancelAsync();
        WakeAll();
    }

    // Call with the lock held.
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
        // Not with the lock held: Dispose waits for a callback in progress, which takes the lock.
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
                slot.Batch = BatchWork.Make(_make, number, _unwanted.Token);
            }
            catch (OperationCanceledException) when (_unwanted.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // Rethrown when the consumer asks for this batch, with the stack trace of this thread.
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
