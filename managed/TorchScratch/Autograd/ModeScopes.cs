// The modes of recording, as scopes that restore the previous mode.

using TorchScratch.Interop;

namespace TorchScratch;

/// <summary>Turns recording on or off on this thread until it is disposed; see <see cref="Autograd.NoGrad"/>.</summary>
public readonly ref struct GradModeScope : IDisposable
{
    private readonly bool _restores;
    private readonly int _previous;

    internal GradModeScope(bool enabled)
    {
        _previous = Native.ts_set_grad_enabled(Marshalling.Code(enabled));
        _restores = true;
    }

    /// <summary>Restores the previous mode.</summary>
    public void Dispose()
    {
        if (_restores)
            Native.ts_set_grad_enabled(_previous);
    }
}

/// <summary>
/// Keeps this thread in inference mode, or out of it, until it is disposed; see <see cref="Autograd.InferenceMode"/>.
/// </summary>
public readonly ref struct InferenceModeScope : IDisposable
{
    private readonly bool _restores;
    private readonly int _previous;

    internal InferenceModeScope(bool enabled)
    {
        _previous = Native.ts_set_inference_enabled(Marshalling.Code(enabled));
        _restores = true;
    }

    /// <summary>Restores the previous mode.</summary>
    public void Dispose()
    {
        if (_restores)
            Native.ts_set_inference_enabled(_previous);
    }
}
