// What a CUDA device is, and how its memory is used.

using System.Runtime.InteropServices;
using TorchScratch.Interop;

namespace TorchScratch;

/// <summary>What a CUDA device is; see <see cref="Cuda.GetProperties"/>.</summary>
public sealed record CudaProperties
{
    internal unsafe CudaProperties(in ts_cuda_properties properties)
    {
        fixed (void* name = &properties)
            Name = Marshal.PtrToStringUTF8((nint)name) ?? "";
        TotalMemory = properties.total_memory;
        ComputeCapability = new(properties.major, properties.minor);
        Multiprocessors = properties.multiprocessors;
        WarpSize = properties.warp_size;
        SharedMemoryPerBlock = properties.shared_memory_per_block;
    }

    /// <summary>The name that the manufacturer gave it.</summary>
    public string Name { get; }

    /// <summary>Its memory in bytes.</summary>
    public long TotalMemory { get; }

    /// <summary>What its processors can do: 9.0 for Hopper, for example.</summary>
    public Version ComputeCapability { get; }

    /// <summary>The number of its multiprocessors.</summary>
    public int Multiprocessors { get; }

    /// <summary>The number of threads that run in step.</summary>
    public int WarpSize { get; }

    /// <summary>The memory that the threads of a block can share, in bytes.</summary>
    public long SharedMemoryPerBlock { get; }
}

/// <summary>The memory of a CUDA device, in bytes and counts; see <see cref="Cuda.MemoryStatistics"/>.</summary>
public readonly record struct CudaMemoryStatistics
{
    internal CudaMemoryStatistics(in ts_cuda_memory memory)
    {
        LiveBytes = memory.live_bytes;
        PeakBytes = memory.peak_bytes;
        CachedBytes = memory.cached_bytes;
        LimitBytes = memory.limit_bytes;
        FreeBytes = memory.free_bytes;
        TotalBytes = memory.total_bytes;
        Allocations = memory.allocations;
        Frees = memory.frees;
        SystemAllocations = memory.system_allocations;
        SystemFrees = memory.system_frees;
    }

    /// <summary>The bytes of this process's tensors.</summary>
    public long LiveBytes { get; }

    /// <summary>
    /// The highest <see cref="LiveBytes"/> since the start of the process or the last call
    /// of <see cref="Cuda.ResetPeak"/>.
    /// </summary>
    public long PeakBytes { get; }

    /// <summary>The bytes freed and kept for reuse.</summary>
    public long CachedBytes { get; }

    /// <summary>The largest sum of live and cached bytes allowed; 0 for no limit.</summary>
    public long LimitBytes { get; }

    /// <summary>The bytes of the whole device that no program uses.</summary>
    public long FreeBytes { get; }

    /// <summary>The bytes of the whole device.</summary>
    public long TotalBytes { get; }

    /// <summary>The number of blocks allocated.</summary>
    public long Allocations { get; }

    /// <summary>The number of blocks freed.</summary>
    public long Frees { get; }

    /// <summary>The number of allocations from the system. It stays constant in a steady training loop.</summary>
    public long SystemAllocations { get; }

    /// <summary>The number of times memory was returned to the system.</summary>
    public long SystemFrees { get; }
}
