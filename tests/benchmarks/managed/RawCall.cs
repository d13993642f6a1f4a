// The same operator called directly through the C ABI, without the managed layer.

using TorchScratch.Interop;

namespace TorchScratch.Benchmarks;

internal static unsafe class RawCall
{
    /// <summary>
    /// The median time of ts_add and ts_tensor_release, in nanoseconds, on <paramref name="tensor"/>.
    /// </summary>
    public static double Measure(Tensor tensor, int turns, double seconds)
    {
        using var lease = new TensorLease(tensor);
        var handle = lease.Handle;
        var one = new ts_scalar { bits = 1, kind = 1 };
        return Timing.Median(() =>
        {
            nint result;
            Status.Check(Native.ts_add(handle, handle, one, &result));
            Native.ts_tensor_release(result);
        }, turns, seconds);
    }
}
