// A device: where a tensor's memory lies and its operators run.

using TorchScratch.Interop;

namespace TorchScratch;

/// <summary>A kind of device.</summary>
public enum DeviceType
{
    /// <summary>The host's processor and memory.</summary>
    Cpu = 0,

    /// <summary>A GPU from NVIDIA.</summary>
    Cuda = 1,
}

/// <summary>
/// Where a tensor's memory lies and its operators run: the CPU, which is <c>default</c>, or a CUDA device. A text such
/// as <c>"cuda:0"</c> converts to it.
/// </summary>
public readonly record struct Device
{
    private const int FirstCuda = 256;

    // As many as the core has room for.
    private const int MaxCudaDevices = 64;

    private Device(int code) => Code = code;

    /// <summary>The host.</summary>
    public static Device Cpu => default;

    /// <summary>
    /// The CUDA device that is current on this thread; see <see cref="TorchScratch.Cuda.CurrentDevice"/>.
    /// </summary>
    public static Device Cuda() => Cuda(Native.ts_cuda_current_device());

    /// <summary>A CUDA device. Whether it exists shows when a tensor is created on it.</summary>
    /// <param name="index">Its number, from 0.</param>
    /// <exception cref="ValueException">The number is not one of 0 to 63.</exception>
    public static Device Cuda(int index) => index is >= 0 and < MaxCudaDevices
        ? new(FirstCuda + index)
        : throw TorchScratchException.Of(ErrorKind.Value, "Device.Cuda",
            $"a CUDA device has a number from 0 to {MaxCudaDevices - 1}, got {index}");

    /// <summary>
    /// The device of new tensors for which none is given, on this thread; the CPU at first. <see cref="Use"/> sets it.
    /// </summary>
    public static Device Default => FromCode(Native.ts_default_device());

    /// <summary>Makes a device the <see cref="Default"/> of this thread until the scope is disposed.</summary>
    /// <exception cref="DeviceException">There is no such device.</exception>
    public static DeviceScope Use(Device device) => new(device);

    /// <summary>
    /// Reads <c>"cpu"</c>, <c>"cuda"</c>, which is the current CUDA device of this thread, or <c>"cuda:1"</c>.
    /// </summary>
    /// <exception cref="ValueException">The text is something else.</exception>
    public static unsafe Device Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        using var native = new Utf8Lease(text);
        int code;
        Status.Check(Native.ts_device_parse(native.Pointer, &code));
        return FromCode(code);
    }

    /// <summary>As <see cref="Parse"/>; false for a text that names no device.</summary>
    public static unsafe bool TryParse(string? text, out Device device)
    {
        device = default;
        if (text is null || text.Contains('\0', StringComparison.Ordinal))
            return false;
        using var native = new Utf8Lease(text);
        int code;
        if (Native.ts_device_parse(native.Pointer, &code) != 0)
            return false;
        device = FromCode(code);
        return true;
    }

    /// <summary>The device that a text names; see <see cref="Parse"/>.</summary>
    /// <exception cref="ValueException">It names none.</exception>
    public static implicit operator Device(string text) => Parse(text);

    /// <summary>The kind of device.</summary>
    public DeviceType Type => Code == 0 ? DeviceType.Cpu : DeviceType.Cuda;

    /// <summary>The number of the device among those of its kind, from 0.</summary>
    public int Index => Code == 0 ? 0 : Code - FirstCuda;

    /// <summary>Whether it is the host.</summary>
    public bool IsCpu => Code == 0;

    /// <summary>Whether it is a CUDA device.</summary>
    public bool IsCuda => Code != 0;

    /// <summary>The text that <see cref="Parse"/> reads: <c>cpu</c> or <c>cuda:0</c>.</summary>
    public override string ToString() =>
        IsCpu ? "cpu" : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"cuda:{Index}");

    /// <summary>The number that the C ABI uses for it.</summary>
    internal int Code { get; }

    internal static Device FromCode(int code) => new(code);

    /// <summary>The number of a CUDA device, the current one if none is given.</summary>
    /// <exception cref="DeviceException">The device is the CPU.</exception>
    internal static int CudaIndex(Device? device, string caller) => device switch
    {
        null => Native.ts_cuda_current_device(),
        { IsCuda: true } cuda => cuda.Index,
        _ => throw TorchScratchException.Of(ErrorKind.Device, caller, "needs a CUDA device, got cpu"),
    };
}
