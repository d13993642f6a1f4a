// A tensor of a module on its way to another device: the copies are made first, and taken over later.

namespace TorchScratch.NN;

/// <summary>Copies of a tensor of a module and of its gradient on another device.</summary>
internal sealed class TensorMove : IDisposable
{
    private readonly Tensor _tensor;
    private readonly Tensor? _data;
    private readonly Tensor? _gradient;

    /// <summary>Copies, if the tensor is not there already.</summary>
    public TensorMove(Tensor tensor, Device device, DType? dtype)
    {
        _tensor = tensor;
        var wanted = tensor.DType.IsFloatingPoint && dtype is { } given ? given : tensor.DType;
        if (tensor.Device == device && tensor.DType == wanted)
            return;
        using var noGrad = Autograd.NoGrad();
        using var source = tensor.Detach();
        _data = Parameter.OutOfScopes(source.To(device, wanted));
        using var gradient = tensor.Grad;
        try
        {
            _gradient = gradient is null ? null : Parameter.OutOfScopes(gradient.To(device, wanted));
        }
        catch
        {
            _data.Dispose();
            throw;
        }
    }

    /// <summary>Gives the tensor the copies.</summary>
    public void Apply()
    {
        if (_data is null)
            return;
        _tensor.SetData(_data);
        if (_gradient is not null)
            _tensor.Grad = _gradient;
    }

    /// <summary>Frees the handles of the copies.</summary>
    public void Dispose()
    {
        _data?.Dispose();
        _gradient?.Dispose();
    }
}
