// Settings and information of the process.

using System.Runtime.InteropServices;
using TorchScratch.Interop;

namespace TorchScratch;

/// <summary>
/// Settings and information of the process: random numbers, defaults, threads, memory and the native library.
/// </summary>
public static unsafe class Runtime
{
    /// <summary>The version of the native library, such as <c>0.1.0</c>.</summary>
    public static string Version => Marshal.PtrToStringUTF8(Native.ts_version())!;

    /// <summary>The instruction set that kernels use on this machine, such as <c>AVX3_ZEN4</c>.</summary>
    public static string SimdTarget => Marshal.PtrToStringUTF8(Native.ts_simd_target())!;

    /// <summary>The element type of new floating-point tensors if none is given; initially float32.</summary>
    /// <exception cref="DTypeException">It is set to a type that is not floating point.</exception>
    public static DType DefaultDType
    {
        get => (DType)Native.ts_default_dtype();
        set => Status.Check(Native.ts_set_default_dtype((int)value));
    }

    /// <summary>
    /// The number of threads that kernels use, including the calling thread. Results do not depend on it.
    /// </summary>
    /// <exception cref="ValueException">It is set below 1 or above 1024.</exception>
    public static int NumThreads
    {
        get => Native.ts_num_threads();
        set => Status.Check(Native.ts_set_num_threads(value));
    }

    /// <summary>
    /// Seeds the default random number generator. A seed gives the same numbers on every machine and with any
    /// number of threads.
    /// </summary>
    public static void ManualSeed(ulong seed) => Native.ts_manual_seed(seed);

    /// <summary>The state of the default random number generator; setting it continues from there.</summary>
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

    /// <summary>The current counters of the native allocator.</summary>
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
    /// The largest number of live native bytes allowed; null for no limit. An allocation that would exceed it throws
    /// <see cref="TensorMemoryException"/>; unreachable tensors are collected before that happens.
    /// </summary>
    /// <exception cref="ValueException">It is set to less than 1.</exception>
    public static long? MemoryLimit
    {
        get => AllocatorStatistics.LimitBytes is > 0 and var limit ? limit : null;
        set
        {
            if (value < 1)
            {
                throw TorchScratchException.Of(ErrorKind.Value, nameof(MemoryLimit),
                    $"must be at least 1 byte, got {value}; null is no limit");
            }
            Native.ts_allocator_set_limit(value ?? 0);
            MemoryPressure.SetLimit(value ?? 0);
        }
    }

    /// <summary>Resets <see cref="AllocatorStatistics.PeakBytes"/> to the current live bytes.</summary>
    public static void ResetPeakMemory() => Native.ts_allocator_reset_peak();

    /// <summary>Returns the freed memory that is kept for reuse to the system.</summary>
    public static void ReleaseCachedMemory() => Native.ts_allocator_release_cached();

    /// <summary>
    /// Calls an observer for every native allocation until the result is disposed. It is called on the thread that
    /// allocates, inside the operator, so it must be quick and must not use tensors. Its exceptions are ignored.
    /// </summary>
    public static IDisposable ObserveAllocations(Action<AllocationEvent> observer)
    {
        ArgumentNullException.ThrowIfNull(observer);
        return new AllocationObservers.Subscription(observer);
    }
}

/// <summary>The state of a random number generator.</summary>
/// <param name="Seed">The seed.</param>
/// <param name="Offset">The number of blocks of random numbers drawn since the generator was seeded.</param>
public readonly record struct RandomState(ulong Seed, ulong Offset);
