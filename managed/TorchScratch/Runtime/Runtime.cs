// What belongs to the process rather than to a tensor.

using System.Runtime.InteropServices;
using TorchScratch.Interop;

namespace TorchScratch;

/// <summary>
/// Settings and facts of the process: random numbers, defaults, threads, memory and the library itself.
/// </summary>
public static unsafe class Runtime
{
    /// <summary>The native library's version, as in <c>0.1.0</c>.</summary>
    public static string Version => Marshal.PtrToStringUTF8(Native.ts_version())!;

    /// <summary>The instruction set that kernels use on this machine, as in <c>AVX3_ZEN4</c>.</summary>
    public static string SimdTarget => Marshal.PtrToStringUTF8(Native.ts_simd_target())!;

    /// <summary>The element type of new floating tensors when none is named; float32 at first.</summary>
    /// <exception cref="DTypeException">Set to a type that is not floating.</exception>
    public static DType DefaultDType
    {
        get => (DType)Native.ts_default_dtype();
        set => Status.Check(Native.ts_set_default_dtype((int)value));
    }

    /// <summary>Threads that kernels use, the caller included. Results do not depend on it.</summary>
    /// <exception cref="ValueException">Set below 1 or above 1024.</exception>
    public static int NumThreads
    {
        get => Native.ts_num_threads();
        set => Status.Check(Native.ts_set_num_threads(value));
    }

    /// <summary>
    /// Begins the random numbers anew from a seed; the same on every machine and with any number of threads.
    /// </summary>
    public static void ManualSeed(ulong seed) => Native.ts_manual_seed(seed);

    /// <summary>Where the random numbers stand; setting it continues from there.</summary>
    public static RandomState RandomState
    {
        get
        {
            ulong seed, offset;
            Native.ts_random_get_state(&seed, &offset);
            return new(seed, offset);
        }
        set => Native.ts_random_set_state(value.Seed, value.Offset);
    }

    /// <summary>What the native allocator holds now, and has done since the process began.</summary>
    public static AllocatorStatistics AllocatorStatistics
    {
        get
        {
            ts_allocator_stats stats;
            Native.ts_allocator_get_stats(&stats);
            return new(stats);
        }
    }

    /// <summary>
    /// Highest number of live native bytes allowed; null for no limit. An allocation above it throws
    /// <see cref="TensorMemoryException"/>; forgotten tensors are collected before it comes to that.
    /// </summary>
    /// <exception cref="ValueException">Set to less than 1.</exception>
    public static long? MemoryLimit
    {
        get => AllocatorStatistics.LimitBytes is > 0 and var limit ? limit : null;
        set
        {
            if (value < 1)
                throw new ValueException($"memory_limit: {value} bytes; null is no limit");
            Native.ts_allocator_set_limit(value ?? 0);
            MemoryPressure.SetLimit(value ?? 0);
        }
    }

    /// <summary>Makes <see cref="AllocatorStatistics.PeakBytes"/> begin anew from what is live.</summary>
    public static void ResetPeakMemory() => Native.ts_allocator_reset_peak();

    /// <summary>Returns freed memory, which is kept for reuse, to the system.</summary>
    public static void ReleaseCachedMemory() => Native.ts_allocator_release_cached();

    /// <summary>
    /// Tells of every native allocation until the result is disposed. The observer runs on whatever thread allocates,
    /// inside the operator: it must be quick and must not use tensors. What it throws is ignored.
    /// </summary>
    public static IDisposable ObserveAllocations(Action<AllocationEvent> observer)
    {
        ArgumentNullException.ThrowIfNull(observer);
        return new AllocationObservers.Subscription(observer);
    }
}

/// <summary>A place in the stream of random numbers.</summary>
/// <param name="Seed">What <see cref="Runtime.ManualSeed"/> was given.</param>
/// <param name="Offset">Numbers drawn since, in the generator's blocks.</param>
public readonly record struct RandomState(ulong Seed, ulong Offset);
