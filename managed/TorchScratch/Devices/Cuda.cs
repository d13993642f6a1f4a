// CUDA devices: which there are, and their memory.

using TorchScratch.Interop;

namespace TorchScratch;

/// <summary>
/// The CUDA devices of this machine. Work on them is asynchronous: an operator returns once its work is queued, and
/// what reads values (<see cref="Tensor.Item()"/>, copies to the CPU, printing) waits for it. An error in data, such as
/// an index out of range, shows at such a point; with <c>TORCHSCRATCH_CUDA_SYNC=1</c> in the environment it shows at
/// the call itself.
/// </summary>
public static unsafe class Cuda
{
    /// <summary>Whether there is a CUDA device that can be used. The first call loads the backend.</summary>
    public static bool IsAvailable => Native.ts_cuda_is_available() != 0;

    /// <summary>
    /// What is missing if there is no CUDA device to use: the library, the driver or a device; null if there is one.
    /// </summary>
    public static string? WhyNot
    {
        get
        {
            byte* text;
            Status.Check(Native.ts_cuda_why_not(&text));
            return NativeText.Take(text) is { Length: > 0 } reason ? reason : null;
        }
    }

    /// <summary>The number of CUDA devices; 0 if CUDA is not available.</summary>
    public static int DeviceCount => Native.ts_cuda_device_count();

    /// <summary>The number of the device that <c>"cuda"</c> stands for on this thread; 0 at first.</summary>
    /// <exception cref="DeviceException">It is set to a device that does not exist.</exception>
    public static int CurrentDevice
    {
        get => Native.ts_cuda_current_device();
        set => Status.Check(Native.ts_cuda_set_current_device(value));
    }

    /// <summary>The bytes of the tensors on all CUDA devices; 0 without CUDA.</summary>
    public static long LiveBytes => Native.ts_cuda_live_bytes();

    /// <summary>What a device is.</summary>
    /// <param name="index">Its number; the current device if not given.</param>
    /// <exception cref="DeviceException">There is no such device.</exception>
    public static CudaProperties GetProperties(int? index = null)
    {
        ts_cuda_properties properties;
        Status.Check(Native.ts_cuda_get_properties(Given(index), &properties));
        return new(in properties);
    }

    /// <summary>The memory of a device and its use by this process.</summary>
    /// <inheritdoc cref="GetProperties"/>
    public static CudaMemoryStatistics MemoryStatistics(int? index = null)
    {
        ts_cuda_memory memory;
        Status.Check(Native.ts_cuda_get_memory(Given(index), &memory));
        return new(in memory);
    }

    /// <summary>Makes the present live bytes of a device the peak.</summary>
    /// <inheritdoc cref="GetProperties"/>
    public static void ResetPeak(int? index = null) => Status.Check(Native.ts_cuda_reset_peak(Given(index)));

    /// <summary>
    /// Limits what this process takes of a device's memory, cached memory included. An allocation that would exceed it
    /// throws <see cref="TensorMemoryException"/>; unreachable tensors are collected before that happens.
    /// </summary>
    /// <param name="bytes">The limit in bytes; null for none.</param>
    /// <param name="index">The number of the device; the current device if not given.</param>
    /// <exception cref="DeviceException">There is no such device.</exception>
    /// <exception cref="ValueException">The limit is less than 1.</exception>
    public static void SetMemoryLimit(long? bytes, int? index = null)
    {
        if (bytes < 1)
        {
            throw TorchScratchException.Of(ErrorKind.Value, nameof(SetMemoryLimit),
                $"must be at least 1 byte, got {bytes}; null is no limit");
        }
        Status.Check(Native.ts_cuda_set_memory_limit(Given(index), bytes ?? 0));
    }

    /// <summary>
    /// Gives the freed memory of all CUDA devices that is kept for reuse, and freed pinned memory, back to the system.
    /// </summary>
    public static void EmptyCache() => Status.Check(Native.ts_cuda_empty_cache());

    /// <summary>Waits until all work of a device is done.</summary>
    /// <exception cref="DeviceException">There is no such device, or its work failed.</exception>
    /// <exception cref="TorchScratchException">
    /// The work met an error in data, such as an index out of range.
    /// </exception>
    public static void Synchronize(int? index = null) => Status.Check(Native.ts_cuda_synchronize(Given(index)));

    /// <summary>Waits until all work of a device is done; that of the CPU always is.</summary>
    /// <inheritdoc cref="Synchronize(int?)"/>
    public static void Synchronize(Device device)
    {
        if (device.IsCuda)
            Synchronize(device.Index);
    }

    private static int Given(int? index) => index ?? Native.ts_cuda_current_device();
}
