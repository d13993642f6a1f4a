// Where a tensor lies, and copies of it elsewhere. To is generated from the op table.

using TorchScratch.Interop;

namespace TorchScratch;

public partial class Tensor
{
    /// <summary>Where the elements lie and operators on them run.</summary>
    public Device Device => Device.FromCode(Info().device);

    /// <summary>Whether it is on a CUDA device.</summary>
    public bool IsCuda => Info().device != 0;

    /// <summary>Whether it is on the CPU, in pinned memory, from which copies to a device need not block.</summary>
    public bool IsPinned
    {
        get
        {
            using var self = new TensorLease(this);
            return Native.ts_tensor_is_pinned(self.Handle) != 0;
        }
    }

    /// <summary>The tensor on the CPU; this if it is there already. Waits for the values.</summary>
    public Tensor Cpu() => To(Device.Cpu);

    /// <summary>The tensor on a CUDA device; this if it is there already.</summary>
    /// <param name="index">The number of the device; the current one of this thread if not given.</param>
    /// <param name="nonBlocking">
    /// Whether the call may return before a copy from pinned memory is done; later work on the device waits for it.
    /// </param>
    /// <exception cref="DeviceException">There is no such device; the message says what is missing.</exception>
    public Tensor Cuda(int? index = null, bool nonBlocking = false) =>
        To(index is { } given ? Device.Cuda(given) : Device.Cuda(), default, nonBlocking);

    /// <summary>
    /// Says that a stream other than the one on which this tensor was made uses its memory. When the tensor is freed,
    /// the memory is not used again before that stream has done its present work.
    /// </summary>
    /// <param name="stream">The stream, of the device of this tensor.</param>
    /// <exception cref="DeviceException">The tensor is not on the device of the stream.</exception>
    public void RecordStream(CudaStream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        using var self = new TensorLease(this);
        Status.Check(Native.ts_tensor_record_stream(self.Handle, stream.ToNative()));
    }
}
