// Queues of work on a CUDA device.

using TorchScratch.Interop;

namespace TorchScratch;

/// <summary>
/// A queue of work on a CUDA device: work of one stream runs in order, and work of several streams may overlap. The
/// work of a thread goes to the device's default stream until <see cref="Use"/> chooses another. Streams come from a
/// pool of 32 and are never destroyed. A tensor that was made on one stream and is used on another needs
/// <see cref="Tensor.RecordStream"/>, and the other stream has to wait for the work that makes it.
/// </summary>
public sealed unsafe class CudaStream : IEquatable<CudaStream>
{
    private readonly ts_cuda_stream _stream;

    /// <summary>One of the streams of a device's pool, in turns.</summary>
    /// <param name="device">The CUDA device; the current one if not given.</param>
    /// <param name="highPriority">Whether its work goes before that of other streams.</param>
    /// <exception cref="DeviceException">There is no such device, or it is the CPU.</exception>
    public CudaStream(Device? device = null, bool highPriority = false)
    {
        ts_cuda_stream stream;
        Status.Check(Native.ts_cuda_stream_create(Device.CudaIndex(device, nameof(CudaStream)),
            Marshalling.Code(highPriority), &stream));
        _stream = stream;
    }

    private CudaStream(ts_cuda_stream stream) => _stream = stream;

    /// <summary>The stream to which this thread's work on a device goes.</summary>
    /// <param name="device">The CUDA device; the current one if not given.</param>
    /// <exception cref="DeviceException">There is no such device, or it is the CPU.</exception>
    public static CudaStream Current(Device? device = null)
    {
        ts_cuda_stream stream;
        Status.Check(Native.ts_cuda_stream_current(Device.CudaIndex(device, nameof(Current)), &stream));
        return new(stream);
    }

    /// <summary>The device of the stream.</summary>
    public Device Device => Device.Cuda(_stream.device);

    /// <summary>The number of the stream among those of its device; 0 is the default stream.</summary>
    public int Id => _stream.id;

    /// <summary>The handle that the CUDA runtime has for it, a <c>cudaStream_t</c>.</summary>
    public nint NativeHandle => (nint)_stream.native;

    /// <summary>Makes this thread's work on the stream's device go here until the scope is disposed.</summary>
    public CudaStreamScope Use() => new(this);

    /// <summary>Waits until the stream's work is done.</summary>
    /// <exception cref="TorchScratchException">
    /// The work met an error in data, such as an index out of range.
    /// </exception>
    public void Synchronize() => Status.Check(Native.ts_cuda_stream_synchronize(_stream));

    /// <summary>Whether all work of the stream is done.</summary>
    public bool IsIdle
    {
        get
        {
            int idle;
            Status.Check(Native.ts_cuda_stream_is_idle(_stream, &idle));
            return idle != 0;
        }
    }

    /// <summary>Makes later work of this stream wait for an event.</summary>
    public void WaitFor(CudaEvent point)
    {
        ArgumentNullException.ThrowIfNull(point);
        point.Wait(this);
    }

    /// <summary>Makes later work of this stream wait for the present work of another.</summary>
    public void WaitFor(CudaStream other)
    {
        ArgumentNullException.ThrowIfNull(other);
        using var point = other.Record();
        point.Wait(this);
    }

    /// <summary>A new event at the present end of the stream's work.</summary>
    /// <param name="timing">Whether <see cref="CudaEvent.ElapsedTime"/> can be asked of it.</param>
    public CudaEvent Record(bool timing = false)
    {
        var point = new CudaEvent(Device, timing);
        point.Record(this);
        return point;
    }

    /// <summary>Whether both are the same stream of the same device.</summary>
    public bool Equals(CudaStream? other) =>
        other is not null && _stream.device == other._stream.device && _stream.id == other._stream.id;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as CudaStream);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_stream.device, _stream.id);

    /// <summary>The device and the number of the stream.</summary>
    public override string ToString() => $"stream {Id} of {Device}";

    internal ts_cuda_stream ToNative() => _stream;

    internal static void MakeCurrent(CudaStream stream) =>
        Status.Check(Native.ts_cuda_stream_set_current(stream._stream));
}

/// <summary>
/// Makes this thread's work on a device go to a stream until it is disposed; see <see cref="CudaStream.Use"/>.
/// </summary>
public readonly ref struct CudaStreamScope : IDisposable
{
    private readonly CudaStream? _previous;

    internal CudaStreamScope(CudaStream stream)
    {
        _previous = CudaStream.Current(stream.Device);
        CudaStream.MakeCurrent(stream);
    }

    /// <summary>Restores the previous stream.</summary>
    public void Dispose()
    {
        if (_previous is not null)
            CudaStream.MakeCurrent(_previous);
    }
}
