// Cuts a data set into batches, in an order that a seed decides, made in advance by worker threads if there are any.

using System.Collections;
using System.Runtime.CompilerServices;

namespace TorchScratch.Data;

/// <summary>
/// Yields a data set batch by batch; each enumeration is one epoch. The order of the samples follows from seed and epoch
/// alone, so it is the same with any number of workers, and an interrupted run can go on where it stopped; what is random
/// about a sample follows from seed, epoch and the sample's index. Leaving an enumeration, by <c>break</c>, an error or
/// cancellation, ends its workers and frees batches made ahead.
/// </summary>
/// <typeparam name="TBatch">One batch.</typeparam>
public class DataLoader<TBatch> : IEnumerable<TBatch>
{
    private readonly IBatchDataset<TBatch> _dataset;
    private readonly ISampler? _sampler;
    private int _epoch;

    /// <summary>A loader over a data set.</summary>
    /// <param name="dataset">Makes the batches; must bear calls from several threads if there are workers.</param>
    /// <param name="batchSize">Samples in a batch.</param>
    /// <param name="shuffle">Whether each epoch has an order of its own; else samples come by index.</param>
    /// <param name="seed">Decides the orders.</param>
    /// <param name="dropLast">Whether to leave out a last batch that is smaller than the others.</param>
    /// <param name="workers">Threads that make batches ahead; with 0 the consumer makes each when it asks for it.</param>
    /// <param name="prefetch">Batches that each worker may be ahead.</param>
    /// <param name="sampler">Chooses the samples of each epoch, in place of <paramref name="shuffle"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">A count is out of its range.</exception>
    /// <exception cref="ArgumentException">There is a sampler, and shuffle is asked for too.</exception>
    public DataLoader(IBatchDataset<TBatch> dataset, int batchSize = 1, bool shuffle = false, ulong seed = 0,
        bool dropLast = false, int workers = 0, int prefetch = 2, ISampler? sampler = null)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(workers);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(workers, 1024);
        ArgumentOutOfRangeException.ThrowIfLessThan(prefetch, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(prefetch, 1 << 20);
        if (sampler is not null && shuffle)
            throw new ArgumentException("a sampler decides the order itself; leave shuffle out", nameof(shuffle));
        _dataset = dataset;
        _sampler = sampler;
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
    public int Count => SampleOrder.CountBatches(SampleCount, BatchSize, DropLast);

    /// <summary>Samples in an epoch: those of the data set, or as many as a sampler chooses.</summary>
    public int SampleCount => _sampler?.Count ?? _dataset.Count;

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

    /// <summary>The batches of the next epoch, for <c>await foreach</c>; <see cref="BatchesAsync"/> tells more.</summary>
    // By its pattern alone: a class that is both kinds of enumerable makes every call of LINQ ambiguous.
    public IAsyncEnumerator<TBatch> GetAsyncEnumerator(CancellationToken cancellationToken = default) =>
        BatchesAsync(Interlocked.Increment(ref _epoch) - 1, 0, cancellationToken).GetAsyncEnumerator(CancellationToken.None);

    /// <summary>The batches of the next epoch: <c>await foreach (var batch in loader.WithCancellation(token))</c>.</summary>
    public ConfiguredCancelableAsyncEnumerable<TBatch> WithCancellation(CancellationToken cancellation) =>
        ToAsyncEnumerable().WithCancellation(cancellation);

    /// <summary>This loader as an IAsyncEnumerable; each enumeration of it is one epoch of the loader.</summary>
    public IAsyncEnumerable<TBatch> ToAsyncEnumerable() => new Asynchronous(this);

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

    /// <summary>
    /// As <see cref="Batches"/>, for <c>await foreach</c>: the consumer's thread is free while it waits, so there is one
    /// worker at least. The batches belong to no <see cref="Tensor.Scope"/>, since a thread's scopes and a method that
    /// changes threads do not go together: dispose each, or leave it to the collector.
    /// </summary>
    /// <param name="epoch">Which epoch, from 0.</param>
    /// <param name="first">Batches to pass over; they are not made.</param>
    /// <param name="cancellation">Ends the enumeration with an OperationCanceledException.</param>
    public IAsyncEnumerable<TBatch> BatchesAsync(int epoch, int first = 0, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        return MakeAheadAsync(epoch, first, cancellation);
    }

    /// <summary>Called on the consumer's thread with a batch that a worker made.</summary>
    private protected virtual void OnTaken(TBatch batch)
    {
    }

    private sealed class Asynchronous(DataLoader<TBatch> loader) : IAsyncEnumerable<TBatch>
    {
        public IAsyncEnumerator<TBatch> GetAsyncEnumerator(CancellationToken cancellationToken = default) =>
            loader.GetAsyncEnumerator(cancellationToken);
    }

    private SampleOrder Order(EpochSeed epoch) => new(
        _sampler is null ? SampleOrder.All(_dataset.Count, Shuffle, epoch) : SampleOrder.Chosen(_sampler, _dataset.Count, epoch),
        BatchSize, DropLast);

    private IEnumerable<TBatch> MakeOnDemand(int epoch, int first, CancellationToken cancellation)
    {
        var seed = new EpochSeed(Seed, epoch);
        var order = Order(seed);
        for (var number = first; number < order.BatchCount; number++)
        {
            cancellation.ThrowIfCancellationRequested();
            yield return _dataset.GetBatchOf(order[number], seed);
        }
    }

    private IEnumerable<TBatch> MakeAhead(int epoch, int first, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var order = Order(new EpochSeed(Seed, epoch));
        if (first >= order.BatchCount)
            yield break;
        using var prefetcher = StartWorkers(order, epoch, first, cancellation);
        for (var number = first; number < order.BatchCount; number++)
        {
            var batch = prefetcher.Take();
            OnTaken(batch);
            yield return batch;
        }
    }

    private async IAsyncEnumerable<TBatch> MakeAheadAsync(int epoch, int first,
        [EnumeratorCancellation] CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var order = Order(new EpochSeed(Seed, epoch));
        if (first >= order.BatchCount)
            yield break;
        var prefetcher = StartWorkers(order, epoch, first, cancellation);
        await using (prefetcher.ConfigureAwait(false))
        {
            for (var number = first; number < order.BatchCount; number++)
                yield return await prefetcher.TakeAsync().ConfigureAwait(false);
        }
    }

    private BatchPrefetcher<TBatch> StartWorkers(SampleOrder order, int epoch, int first, CancellationToken cancellation)
    {
        var seed = new EpochSeed(Seed, epoch);
        var workers = Math.Max(Workers, 1);
        return new BatchPrefetcher<TBatch>(number => _dataset.GetBatchOf(order[number], seed), first, order.BatchCount, workers,
            checked(workers * Prefetch), cancellation);
    }
}

/// <summary>Yields inputs and targets: <c>foreach (var (images, labels) in loader)</c>.</summary>
public sealed class DataLoader : DataLoader<Batch>
{
    /// <inheritdoc/>
    // Of the two, for a data set that has both ways.
    [OverloadResolutionPriority(1)]
    public DataLoader(IBatchDataset<Batch> dataset, int batchSize = 1, bool shuffle = false, ulong seed = 0,
        bool dropLast = false, int workers = 0, int prefetch = 2, ISampler? sampler = null)
        : base(dataset, batchSize, shuffle, seed, dropLast, workers, prefetch, sampler)
    {
    }

    /// <summary>A loader over single samples, which it stacks to batches.</summary>
    /// <inheritdoc cref="DataLoader(IBatchDataset{Batch}, int, bool, ulong, bool, int, int, ISampler?)"/>
    public DataLoader(IDataset<(Tensor Input, Tensor Target)> dataset, int batchSize = 1, bool shuffle = false,
        ulong seed = 0, bool dropLast = false, int workers = 0, int prefetch = 2, ISampler? sampler = null)
        : base(new CollatedDataset<(Tensor Input, Tensor Target), Batch>(dataset, Stack), batchSize, shuffle, seed, dropLast,
            workers, prefetch, sampler)
    {
    }

    // The samples are not disposed: a data set may hand out tensors that it keeps.
    private static Batch Stack((Tensor Input, Tensor Target)[] samples) =>
        new(Tensor.Stack([.. samples.Select(sample => sample.Input)]), Tensor.Stack([.. samples.Select(sample => sample.Target)]));

    // As if made here: a scope that is open around the loop frees it.
    private protected override void OnTaken(Batch batch)
    {
        ThreadTensors.Current.Scopes.Register(batch.Inputs);
        ThreadTensors.Current.Scopes.Register(batch.Targets);
    }
}
