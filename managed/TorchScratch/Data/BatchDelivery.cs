// How the batches of one epoch get from where they are made to the device that trains on them.

namespace TorchScratch.Data;

/// <summary>
/// A batch and, if it is being copied to a device on another stream, the event that ends the copy.
/// </summary>
internal readonly record struct SentBatch<TBatch>(TBatch Batch, CudaEvent? Arrival) : IDisposable
{
    /// <summary>Frees a batch that nobody takes.</summary>
    public void Dispose()
    {
        (Batch as IDisposable)?.Dispose();
        Arrival?.Dispose();
    }
}

/// <summary>
/// Pins and moves the batches of an enumeration, or leaves them as they are. Worker threads send batches on a stream of
/// their own, so that copies overlap with the work of the consumer, whose stream waits for the end of each copy.
/// </summary>
/// <param name="device">Where batches go; null to leave them where they are made.</param>
/// <param name="pins">Whether they go through pinned memory, or stay there without a device.</param>
internal sealed class BatchDelivery<TBatch>(Device? device, bool pins)
{
    private readonly CudaStream? _stream = device is { IsCuda: true } ? new CudaStream(device) : null;

    /// <summary>Sends a batch; called on the thread that has made it.</summary>
    public SentBatch<TBatch> Send(TBatch batch)
    {
        if (_stream is null)
            return new(Move(batch), null);
        using (_stream.Use())
        {
            batch = Move(batch);
            return new(batch, _stream.Record());
        }
    }

    /// <summary>Receives a batch that was sent; called on the thread that takes it.</summary>
    public static TBatch Receive(SentBatch<TBatch> sent)
    {
        if (sent.Arrival is not { } arrival)
            return sent.Batch;
        var stream = CudaStream.Current(arrival.Device);
        using (arrival)
            arrival.Wait(stream);
        // Their memory belongs to the stream that they were sent on.
        return BatchTensors.Map(sent.Batch, tensor =>
        {
            if (tensor.IsCuda)
                tensor.RecordStream(stream);
            return tensor;
        });
    }

    /// <summary>Pins and moves a batch on this thread's own stream.</summary>
    public TBatch Move(TBatch batch)
    {
        if (pins)
            batch = BatchTensors.Pin(batch);
        return device is { } target ? BatchTensors.MoveTo(batch, target, nonBlocking: target.IsCuda) : batch;
    }
}
