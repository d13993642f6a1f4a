// Divides a data set into batches, in an order that follows from a seed, optionally made in advance by worker threads.

using System.Collections;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace TorchScratch.Data;

/// <summary>
/// Yields a data set batch by batch; each enumeration is one epoch. The order of the samples depends on the seed and
/// the epoch alone, so it is the same with any number of workers, and an interrupted run can resume at any batch.
/// Random changes of a sample depend on the seed, the epoch and the index of the sample. Leaving an enumeration early,
/// by <c>break</c>, an exception or cancellation, stops the workers, which finish at most the sample they are at, and
/// frees the batches that they made in advance; see <see cref="BatchWork"/> for data sets of your own.
/// </summary>
/// <typeparam name="TBatch">The type of a batch.</typeparam>
public class DataLoader<TBatch> : IEnumerable<TBatch>
{
    private readonly IBatchDataset<TBatch> _dataset;
    private readonly ISampler? _sampler;
    private int _epoch;

    /// <summary>Creates a loader over a data set.</summary>
    /// <param name="dataset">The data set; it must support calls from several threads if there are workers.</param>
    /// <param name="batchSize">The number of samples in a batch.</param>
    /// <param name="shuffle">
    /// Whether each epoch has its own random order; otherwise samples come in the order of their indices.
    /// </param>
    /// <param name="seed">The seed for the orders and for random changes of samples.</param>
    /// <param name="dropLast">Whether to omit the last batch if it is smaller than the others.</param>
    /// <param name="workers">
    /// The number of threads that make batches in advance. With 0, each batch is made on the calling
    /// thread when requested.
    /// </param>
    /// <param name="prefetch">How many batches each worker may be ahead of the consumer.</param>
    /// <param name="sampler">Chooses the samples of each epoch, in place of <paramref name="shuffle"/>.</param>
    /// <param name="device">
    /// Where batches arrive; where the data set makes them if not given. Workers copy them to a CUDA device in advance,
    /// through pinned memory, while earlier ones are in use; what the data set made is disposed.
    /// </param>
    /// <param name="pinMemory">
    /// Whether batches that stay on the CPU are in pinned memory, from which they can be copied to a device without
    /// waiting: <c>batch.Inputs.Cuda(nonBlocking: true)</c>.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    /// <exception cref="ArgumentException">
    /// Both a sampler and shuffle are given, or a device for batches of a type whose tensors are not known, which
    /// <see cref="ITensorBatch{TSelf}"/> would tell.
    /// </exception>
    /// <exception cref="DeviceException">When batches are read: there is no such device.</exception>
    /// <exception cref="InvalidOperationException">
    /// When batches are read: the sampler chooses a sample that does not exist.
    /// </exception>
    public DataLoader(IBatchDataset<TBatch> dataset, int batchSize = 1, bool shuffle = false, ulong seed = 0,
        bool dropLast = false, int workers = 0, int prefetch = 2, ISampler? sampler = null, Device? device = null,
        bool pinMemory = false)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(workers);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(workers, 1024);
        ArgumentOutOfRangeException.ThrowIfLessThan(prefetch, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(prefetch, 1 << 20);
        if (sampler is not null && shuffle)
            throw new ArgumentException("the sampler determines the order, so shuffle must be false", nameof(shuffle));
        if (device is not null || pinMemory)
            BatchTensors.Check<TBatch>(device is null ? nameof(pinMemory) : nameof(device));
        _dataset = dataset;
        _sampler = sampler;
        Device = device;
        PinMemory = pinMemory;
        BatchSize = batchSize;
        Shuffle = shuffle;
        Seed = seed;
        DropLast = dropLast;
        Workers = workers;
        Prefetch = prefetch;
    }

    /// <summary>The number of samples in a batch.</summary>
    public int BatchSize { get; }

    /// <summary>Whether each epoch has its own random order.</summary>
    public bool Shuffle { get; }

    /// <summary>The seed for the orders and for random changes of samples.</summary>
    public ulong Seed { get; }

    /// <summary>Whether a smaller last batch is omitted.</summary>
    public bool DropLast { get; }

    /// <summary>The number of threads that make batches in advance.</summary>
    public int Workers { get; }

    /// <summary>How many batches each worker may be ahead of the consumer.</summary>
    public int Prefetch { get; }

    /// <summary>Where batches arrive; null for where the data set makes them.</summary>
    public Device? Device { get; }

    /// <summary>Whether batches that stay on the CPU are in pinned memory.</summary>
    public bool PinMemory { get; }

    /// <summary>The number of batches in an epoch.</summary>
    public int Count => SampleOrder.CountBatches(SampleCount, BatchSize, DropLast);

    /// <summary>The number of samples in an epoch: that of the data set, or of the sampler.</summary>
    public int SampleCount => _sampler?.Count ?? _dataset.Count;

    /// <summary>The epoch of the next enumeration, from 0. Each enumeration advances it.</summary>
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
    /// <exception cref="InvalidOperationException">The sampler chooses a sample that does not exist.</exception>
    public IEnumerator<TBatch> GetEnumerator() => Batches(Interlocked.Increment(ref _epoch) - 1).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>
    /// The batches of the next epoch, for <c>await foreach</c>; see <see cref="BatchesAsync"/>.
    /// </summary>
    // Without IAsyncEnumerable: LINQ calls on a class that implements both interfaces would be ambiguous.
    public IAsyncEnumerator<TBatch> GetAsyncEnumerator(CancellationToken cancellationToken = default) =>
        BatchesAsync(Interlocked.Increment(ref _epoch) - 1, 0, cancellationToken)
            .GetAsyncEnumerator(CancellationToken.None);

    /// <summary>
    /// The batches of the next epoch: <c>await foreach (var batch in loader.WithCancellation(token))</c>.
    /// </summary>
    public ConfiguredCancelableAsyncEnumerable<TBatch> WithCancellation(CancellationToken cancellation) =>
        ToAsyncEnumerable().WithCancellation(cancellation);

    /// <summary>This loader as an IAsyncEnumerable; each enumeration is one epoch.</summary>
    public IAsyncEnumerable<TBatch> ToAsyncEnumerable() => new Asynchronous(this);

    /// <summary>
    /// The batches of one epoch, starting at one of them; <see cref="Epoch"/> does not change. Leaving the enumeration
    /// early stops the workers. An exception in a worker is rethrown when its batch is requested.
    /// </summary>
    /// <param name="epoch">The epoch, from 0.</param>
    /// <param name="first">The number of batches to skip; they are not made.</param>
    /// <param name="cancellation">Stops the enumeration with an OperationCanceledException.</param>
    public IEnumerable<TBatch> Batches(int epoch, int first = 0, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        return Workers == 0 ? MakeOnDemand(epoch, first, cancellation) : MakeAhead(epoch, first, cancellation);
    }

    /// <summary>
    /// As <see cref="Batches"/>, for <c>await foreach</c>: waiting does not block the thread, so at least one worker is
    /// used. The batches belong to no <see cref="Tensor.Scope"/>, since scopes belong to a thread and an asynchronous
    /// method may change threads: dispose each batch, or leave it to the garbage collector.
    /// </summary>
    /// <param name="epoch">The epoch, from 0.</param>
    /// <param name="first">The number of batches to skip; they are not made.</param>
    /// <param name="cancellation">Stops the enumeration with an OperationCanceledException.</param>
    public IAsyncEnumerable<TBatch> BatchesAsync(int epoch, int first = 0, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        return MakeAheadAsync(epoch, first, cancellation);
    }

    /// <summary>
    /// Describes the order of an epoch's samples, for checkpoints: two loaders over the same data with the same text
    /// give the same batches. With a sampler the text holds a checksum of the indices that it chooses for this epoch.
    /// </summary>
    /// <param name="epoch">The epoch, from 0.</param>
    /// <returns>As in <c>seed 1, shuffled, 64 in a batch</c>.</returns>
    public string DescribeOrder(int epoch)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        var order = _sampler is null ? Shuffle ? "shuffled" : "by index"
            : $"{_sampler.Description} with checksum {SampleOrder.Checksum(_sampler, new EpochSeed(Seed, epoch))} " +
                $"in epoch {epoch + 1}";
        return string.Create(CultureInfo.InvariantCulture, $"seed {Seed}, {order}, {BatchSize} in a batch");
    }

    /// <summary>Called on the consumer's thread for each batch that a worker made.</summary>
    private protected virtual void OnTaken(TBatch batch)
    {
    }

    private sealed class Asynchronous(DataLoader<TBatch> loader) : IAsyncEnumerable<TBatch>
    {
        public IAsyncEnumerator<TBatch> GetAsyncEnumerator(CancellationToken cancellationToken = default) =>
            loader.GetAsyncEnumerator(cancellationToken);
    }

    private SampleOrder Order(EpochSeed epoch) => new(
        _sampler is null
            ? SampleOrder.All(_dataset.Count, Shuffle, epoch)
            : SampleOrder.Chosen(_sampler, _dataset.Count, epoch),
        BatchSize, DropLast);

    private IEnumerable<TBatch> MakeOnDemand(int epoch, int first, CancellationToken cancellation)
    {
        var seed = new EpochSeed(Seed, epoch);
        var order = Order(seed);
        Func<int, TBatch> make = number => _dataset.GetBatchOf(order[number], seed);
        var delivery = Delivery();
        for (var number = first; number < order.BatchCount; number++)
        {
            cancellation.ThrowIfCancellationRequested();
            var batch = BatchWork.Make(make, number, cancellation);
            yield return delivery is null ? batch : delivery.Move(batch);
        }
    }

    private IEnumerable<TBatch> MakeAhead(int epoch, int first, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var order = Order(new EpochSeed(Seed, epoch));
        if (first >= order.BatchCount)
            yield break;
        var delivery = Delivery();
        using var prefetcher = StartWorkers(order, epoch, first, delivery, cancellation);
        for (var number = first; number < order.BatchCount; number++)
        {
            var sent = prefetcher.Take();
            var batch = delivery is null ? sent.Batch : BatchDelivery<TBatch>.Receive(sent);
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
        var delivery = Delivery();
        var prefetcher = StartWorkers(order, epoch, first, delivery, cancellation);
        await using (prefetcher.ConfigureAwait(false))
        {
            for (var number = first; number < order.BatchCount; number++)
            {
                var sent = await prefetcher.TakeAsync().ConfigureAwait(false);
                yield return delivery is null ? sent.Batch : BatchDelivery<TBatch>.Receive(sent);
            }
        }
    }

    private BatchPrefetcher<SentBatch<TBatch>> StartWorkers(SampleOrder order, int epoch, int first,
        BatchDelivery<TBatch>? delivery, CancellationToken cancellation)
    {
        var seed = new EpochSeed(Seed, epoch);
        var workers = Math.Max(Workers, 1);
        return new BatchPrefetcher<SentBatch<TBatch>>(Make, first, order.BatchCount, workers,
            checked(workers * Prefetch), cancellation);

        SentBatch<TBatch> Make(int number)
        {
            var batch = _dataset.GetBatchOf(order[number], seed);
            return delivery is null ? new(batch, null) : delivery.Send(batch);
        }
    }

    // Null if batches are handed over as they are made.
    private BatchDelivery<TBatch>? Delivery() => Device is null && !PinMemory ? null
        : new(Device, pins: Device is null ? PinMemory : Device is { IsCuda: true });
}

/// <summary>Yields inputs and targets: <c>foreach (var (images, labels) in loader)</c>.</summary>
public sealed class DataLoader : DataLoader<Batch>
{
    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">
    /// When batches are read: the sampler chooses a sample that does not exist.
    /// </exception>
    // Preferred for a data set that implements both interfaces.
    [OverloadResolutionPriority(1)]
    public DataLoader(IBatchDataset<Batch> dataset, int batchSize = 1, bool shuffle = false, ulong seed = 0,
        bool dropLast = false, int workers = 0, int prefetch = 2, ISampler? sampler = null, Device? device = null,
        bool pinMemory = false)
        : base(dataset, batchSize, shuffle, seed, dropLast, workers, prefetch, sampler, device, pinMemory)
    {
    }

    /// <summary>Creates a loader over single samples, which it stacks into batches.</summary>
    /// <inheritdoc
    /// cref="DataLoader(IBatchDataset{Batch}, int, bool, ulong, bool, int, int, ISampler?, Device?, bool)"/>
    /// <exception cref="InvalidOperationException">
    /// When batches are read: the sampler chooses a sample that does not exist.
    /// </exception>
    public DataLoader(IDataset<(Tensor Input, Tensor Target)> dataset, int batchSize = 1, bool shuffle = false,
        ulong seed = 0, bool dropLast = false, int workers = 0, int prefetch = 2, ISampler? sampler = null,
        Device? device = null, bool pinMemory = false)
        : base(new CollatedDataset<(Tensor Input, Tensor Target), Batch>(dataset, Stack), batchSize, shuffle, seed,
            dropLast, workers, prefetch, sampler, device, pinMemory)
    {
    }

    // The samples are not disposed, since a data set may return tensors that it keeps.
    private static Batch Stack((Tensor Input, Tensor Target)[] samples, ReadOnlySpan<int> indices)
    {
        Tensor[] inputs = Array.ConvertAll(samples, sample => sample.Input);
        Tensor[] targets = Array.ConvertAll(samples, sample => sample.Target);
        CheckAlike(inputs, indices, "input");
        CheckAlike(targets, indices, "target");
        return new(Tensor.Stack(inputs), Tensor.Stack(targets));
    }

    private static void CheckAlike(Tensor[] tensors, ReadOnlySpan<int> indices, string what)
    {
        for (var i = 0; i < tensors.Length; i++)
        {
            if (tensors[i] is null)
                throw new ValueException($"DataLoader: the {what} of sample {indices[i]} is null");
            if (!tensors[i].Shape.SequenceEqual(tensors[0].Shape))
            {
                throw new ShapeException($"DataLoader: the {what} of sample {indices[i]} has shape " +
                    $"{tensors[i].ShapeText}, but that of sample {indices[0]} in the same batch has " +
                    $"{tensors[0].ShapeText}; bring all samples to one shape, or combine them yourself with a " +
                    "CollatedDataset, for example by padding");
            }
            if (tensors[i].DType != tensors[0].DType)
            {
                throw new DTypeException($"DataLoader: the {what} of sample {indices[i]} is {tensors[i].DType.Name}, " +
                    $"but that of sample {indices[0]} in the same batch is {tensors[0].DType.Name}");
            }
        }
    }

    // As if the batch were made on this thread: a scope around the loop frees it.
    private protected override void OnTaken(Batch batch)
    {
        ThreadTensors.Current.Scopes.Register(batch.Inputs);
        ThreadTensors.Current.Scopes.Register(batch.Targets);
    }
}
