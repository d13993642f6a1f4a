// Points in the work of a CUDA stream.

using System.Runtime.InteropServices;
using TorchScratch.Interop;

namespace TorchScratch;

/// <summary>
/// A point in the work of a stream: other streams, or a thread, can wait for it, and the time between two can be asked.
/// </summary>
public sealed unsafe class CudaEvent : IDisposable
{
    private readonly Handle _handle;

    /// <summary>An event that has not been recorded.</summary>
    /// <param name="device">The CUDA device; the current one if not given.</param>
    /// <param name="timing">Whether <see cref="ElapsedTime"/> can be asked of it.</param>
    /// <exception cref="DeviceException">There is no such device, or it is the CPU.</exception>
    public CudaEvent(Device? device = null, bool timing = false)
    {
        var index = Device.CudaIndex(device, nameof(CudaEvent));
        nint handle;
        Status.Check(Native.ts_cuda_event_create(index, Marshalling.Code(timing), &handle));
        _handle = new(handle);
        Device = Device.Cuda(index);
    }

    /// <summary>The device of the event.</summary>
    public Device Device { get; }

    /// <summary>Moves the event to the present end of a stream's work.</summary>
    /// <param name="stream">The stream; this thread's current stream of the device if not given.</param>
    public void Record(CudaStream? stream = null)
    {
        using var self = new HandleLease(_handle);
        Status.Check(Native.ts_cuda_event_record(self.Pointer, (stream ?? CudaStream.Current(Device)).ToNative()));
    }

    /// <summary>Makes later work of a stream wait for the event.</summary>
    /// <param name="stream">The stream; this thread's current stream of the device if not given.</param>
    public void Wait(CudaStream? stream = null)
    {
        using var self = new HandleLease(_handle);
        Status.Check(Native.ts_cuda_event_wait(self.Pointer, (stream ?? CudaStream.Current(Device)).ToNative()));
    }

    /// <summary>Waits on this thread until the work before the event is done.</summary>
    public void Synchronize()
    {
        using var self = new HandleLease(_handle);
        Status.Check(Native.ts_cuda_event_synchronize(self.Pointer));
    }

    /// <summary>Whether the work before the event is done; true before it is recorded.</summary>
    public bool IsDone
    {
        get
        {
            using var self = new HandleLease(_handle);
            int done;
            Status.Check(Native.ts_cuda_event_is_done(self.Pointer, &done));
            return done != 0;
        }
    }

    /// <summary>The time that the device took from this event to a later one.</summary>
    /// <exception cref="ValueException">
    /// One of them was created without timing, is not recorded or is not done yet.
    /// </exception>
    public TimeSpan ElapsedTime(CudaEvent end)
    {
        ArgumentNullException.ThrowIfNull(end);
        using var self = new HandleLease(_handle);
        using var other = new HandleLease(end._handle);
        double milliseconds;
        Status.Check(Native.ts_cuda_event_elapsed(self.Pointer, other.Pointer, &milliseconds));
        return TimeSpan.FromMilliseconds(milliseconds);
    }

    /// <summary>Frees the event; work that waits for it still does.</summary>
    public void Dispose() => _handle.Dispose();

    private sealed class Handle : SafeHandle
    {
        public Handle(nint value) : base(0, ownsHandle: true) => SetHandle(value);

        public override bool IsInvalid => handle == 0;

        protected override bool ReleaseHandle()
        {
            Native.ts_cuda_event_free(handle);
            return true;
        }
    }
}
