// The default device of a thread, as a scope that restores the previous one.

using TorchScratch.Interop;

namespace TorchScratch;

/// <summary>
/// Makes a device the default of this thread until it is disposed; see <see cref="Device.Use"/>. Scopes may be nested.
/// </summary>
public readonly ref struct DeviceScope : IDisposable
{
    private readonly bool _restores;
    private readonly int _previous;

    internal DeviceScope(Device device)
    {
        _previous = Native.ts_default_device();
        Status.Check(Native.ts_set_default_device(device.Code));
        _restores = true;
    }

    /// <summary>Restores the previous default.</summary>
    public void Dispose()
    {
        if (_restores)
            Status.Check(Native.ts_set_default_device(_previous));
    }
}
