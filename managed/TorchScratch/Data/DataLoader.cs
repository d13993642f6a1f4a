// Cuts a data set into batches, in an order that a seed decides, made in advance by worker threads if there are any.

using System.Collections;
using System.Runtime.CompilerServices;

namespace TorchScratch.Data;

/// <summary>
/// Yields a data set batch by batch; each enumeration is one epoch. The order of the samples follows from seed and epoch
/// alone, so it is the same with any number of workers, and an interrupted run can go on where it stopped.
/// </summary>
/// <typeparam name="TBatch">One batch.</typeparam>
public class DataLoader<TBatch> : IEnumerable<TBatch>
{
    private readonly IBatchDataset<TBatch> _dataset;
    private int _epoch;

    /// <summary>A loader over a data set.</summary>
    /// <param name="dataset">Makes the batches; must bear calls from several threads if there are workers.</param>
    /// <param name="batchSize">Samples in a batch.</param>
    /// <param name="shuffle">Whether each epoch has an order of its own; else samples come by index.</param>
    /// <param name="seed">Decides the orders.</param>
    /// <param name="dropLast">Whether to leave out a last batch that is smaller than the others.</param>
    /// <param name="workers">Threads that make batches ahead; with 0 the consumer makes each when it asks for it.</param>
    /// <param name="prefetch">Batches that each worker may be ahead.</param>
    /// <exception cref="ArgumentOutOfRangeException">A count is out of its range.</exception>
    public DataLoader(IBatchDataset<TBatch> dataset, int batchSize = 1, bool shuffle = false, ulong seed = 0,
        bool dropLast = false, int workers = 0, int prefetch = 2)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(workers);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(workers, 1024);
        ArgumentOutOfRangeException.ThrowIfLessThan(prefetch, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(prefetch, 1 << 20);
        _dataset = dataset;
        BatchSize = batchSize;
        Shuffle = shuffle;
        Seed = seed;
        DropLast = dropLast;
        Workers = workers;
        Prefetch = prefetch;
    }

    /// <summary>Samples in a batch.</summary>
    public int BatchSize { get; }

    /// <summary>Whether each epoch has an order of its own.</summary>
    public bool Shuffle { get; }

    /// <summary>Decides the orders of all epochs.</summary>
    public ulong Seed { get; }

    /// <summary>Whether a smaller last batch is left out.</summary>
    public bool DropLast { get; }

    /// <summary>Threads that make batches ahead.</summary>
    public int Workers { get; }

    /// <summary>Batches that each worker may be ahead.</summary>
    public int Prefetch { get; }

    /// <summary>Batches in an epoch.</summary>
    public int Count => SampleOrder.CountBatches(_dataset.Count, BatchSize, DropLast);

    /// <summary>Samples in the data set.</summary>
    public int SampleCount => _dataset.Count;

    /// <summary>The epoch that the next enumeration yields; it counts on by itself, from 0.</summary>
    public int Epoch
    {
        get => Volatile.Read(ref _epoch);
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            Volatile.Write(ref _epoch, value);
        }
    }

    /// <summary>The batches of the next epoch.</summary>
    public IEnumerator<TBatch> GetEnumerator() => Batches(Interlocked.Increment(ref _epoch) - 1).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>
    /// The batches of one epoch, from one of them on; <see cref="Epoch"/> stays as it is. Leaving the enumeration early
    /// ends the workers; an error in a worker is thrown where its batch would have come.
    /// </summary>
    /// <param name="epoch">Which epoch, from 0.</param>
    /// <param name="first">Batches to pass over; they are not made.</param>
    /// <param name="cancellation">Ends the enumeration with an OperationCanceledException.</param>
    public IEnumerable<TBatch> Batches(int epoch, int first = 0, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        return Workers == 0 ? MakeOnDemand(epoch, first, cancellation) : MakeAhead(epoch, first, cancellation);
    }

    /// <summary>Called on the consumer's thread with a batch that a worker made.</summary>
    private protected virtual void OnTaken(TBatch batch)
    {
    }

    private SampleOrder Order(int epoch) => new(_dataset.Count, BatchSize, DropLast, Shuffle, Seed, epoch);

    private IEnumerable<TBatch> MakeOnDemand(int epoch, int first, CancellationToken cancellation)
    {
        var order = Order(epoch);
        for (var number = first; number < order.BatchCount; number++)
        {
            cancellation.ThrowIfCancellationRequested();
            yield return _dataset.GetBatch(order[number]);
        }
    }

    private IEnumerable<TBatch> MakeAhead(int epoch, int first, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var order = Order(epoch);
        if (first >= order.BatchCount)
            yield break;
        using var prefetcher = new BatchPrefetcher<TBatch>(number => _dataset.GetBatch(order[number]),
            first, order.BatchCount, Workers, checked(Workers * Prefetch), cancellation);
        for (var number = first; number < order.BatchCount; number++)
        {
            var batch = prefetcher.Take();
            OnTaken(batch);
            yield return batch;
        }
    }
}

/// <summary>Yields inputs and targets: <c>foreach (var (images, labels) in loader)</c>.</summary>
public sealed class DataLoader : DataLoader<Batch>
{
    /// <inheritdoc/>
    // Of the two, for a data set that has both ways.
    [OverloadResolutionPriority(1)]
    public DataLoader(IBatchDataset<Batch> dataset, int batchSize = 1, bool shuffle = false, ulong seed = 0,
        bool dropLast = false, int workers = 0, int prefetch = 2)
        : base(dataset, batchSize, shuffle, seed, dropLast, workers, prefetch)
    {
    }

    /// <summary>A loader over single samples, which it stacks to batches.</summary>
    /// <inheritdoc cref="DataLoader(IBatchDataset{Batch}, int, bool, ulong, bool, int, int)"/>
    public DataLoader(IDataset<(Tensor Input, Tensor Target)> dataset, int batchSize = 1, bool shuffle = false,
        ulong seed = 0, bool dropLast = false, int workers = 0, int prefetch = 2)
        : base(new StackedDataset(dataset), batchSize, shuffle, seed, dropLast, workers, prefetch)
    {
    }

    // As if made here: a scope that is open around the loop frees it.
    private protected override void OnTaken(Batch batch)
    {
        ThreadTensors.Current.Scopes.Register(batch.Inputs);
        ThreadTensors.Current.Scopes.Register(batch.Targets);
    }
}
