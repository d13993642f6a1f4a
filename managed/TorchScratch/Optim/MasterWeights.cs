// Float32 copies of bfloat16 and float16 parameters. A step is often smaller than half the distance between two such
// numbers, and would be lost in rounding: so the copies take the steps, and the parameters are the copies, rounded
// (Micikevicius et al., "Mixed precision training", 2018).

using TorchScratch.Interop;
using TorchScratch.NN;

namespace TorchScratch.Optim;

/// <summary>What an optimizer keeps for the parameters of a group that have a half type; nothing for others.</summary>
internal sealed class MasterWeights(int count)
{
    /// <summary>Their name in a state dict.</summary>
    public const string Name = "master";

    // The tensor of a parameter at its last step, and the number of its changes then.
    private readonly Tensor?[] _seen = new Tensor?[count];
    private readonly DType[] _dtypes = new DType[count];
    private readonly Device[] _devices = new Device[count];
    private readonly long[] _versions = new long[count];
    private readonly bool[] _isHalf = new bool[count];
    private readonly Tensor?[] _gradients = new Tensor?[count];
    private StateSlot? _copies;

    /// <summary>The copy for a parameter; null if there is none yet, or if it needs none.</summary>
    public Tensor? this[int i]
    {
        get => _copies?[i];
        set
        {
            if (value is null && _copies is null)
                return;
            _copies ??= new(new(Name), count);
            _copies[i] = value;
            _seen[i] = null;
        }
    }

    /// <summary>The element type in which a parameter is moved, and that of what is remembered of it.</summary>
    public static DType StateType(Parameter parameter) => IsHalf(parameter.DType) ? DType.Float32 : parameter.DType;

    public static bool IsHalf(DType dtype) => dtype == DType.BFloat16 || dtype == DType.Float16;

    /// <summary>
    /// Whether a parameter has another element type or device than at the last step, as after a conversion
    /// of its module.
    /// </summary>
    public bool HasChanged(int i, Tensor tensor) =>
        _seen[i] is null || _dtypes[i] != tensor.DType || _devices[i] != tensor.Device;

    /// <summary>Notes the tensor of a parameter, its element type and its device, which may have changed.</summary>
    public void See(int i, Tensor tensor)
    {
        _isHalf[i] = IsHalf(tensor.DType);
        _versions[i] = -1;
        if (!_isHalf[i])
            this[i] = null;
        else if (this[i] is { } copy && copy.Device != tensor.Device)
            this[i] = copy.To(tensor.Device);
        _seen[i] = tensor;
        (_dtypes[i], _devices[i]) = (tensor.DType, tensor.Device);
    }

    /// <summary>For a parameter of a half type, the handles of its copy and of its gradient in float32.</summary>
    /// <param name="i">The parameter.</param>
    /// <param name="parameter">Its handle, which is replaced.</param>
    /// <param name="gradient">The handle of its gradient, which is released and replaced.</param>
    public void Replace(int i, ref nint parameter, ref nint gradient)
    {
        if (!_isHalf[i] || gradient == 0)
            return;
        using var noGrad = Autograd.NoGrad();
        using (var half = Tensor.FromHandle(gradient))
        {
            gradient = 0;
            _gradients[i] = Parameter.OutOfScopes(half.To(DType.Float32));
        }
        var tensor = _seen[i]!;
        if (this[i] is not { } copy)
        {
            copy = tensor.Detach().To(DType.Float32);
            this[i] = copy;
            _seen[i] = tensor;
        }
        else if (_versions[i] != tensor.Version)
        {
            Follow(copy, tensor);
        }
        parameter = _copies!.Handles[i];
        using var lease = new TensorLease(_gradients[i]);
        gradient = lease.Handle;
    }

    /// <summary>After a step: rounds the copies into the parameters.</summary>
    public void Store()
    {
        if (_copies is null)
            return;
        using var noGrad = Autograd.NoGrad();
        for (var i = 0; i < count; i++)
        {
            if (_gradients[i] is null)
                continue;
            _seen[i]!.Copy_(_copies[i]!);
            _versions[i] = _seen[i]!.Version;
        }
    }

    /// <summary>Frees the gradient that <see cref="Replace"/> made; returns whether there was one.</summary>
    public bool Release(int i)
    {
        if (_gradients[i] is not { } gradient)
            return false;
        gradient.Dispose();
        _gradients[i] = null;
        return true;
    }

    public void Dispose()
    {
        for (var i = 0; i < count; i++)
            this[i] = null;
    }

    // The parameter was changed, as by loading a state dict: where the copy does not round to it, it counts. Loading
    // the very values that the copy rounds to loses nothing.
    private static void Follow(Tensor copy, Tensor parameter)
    {
        using var rounded = copy.To(parameter.DType);
        using var value = parameter.Detach();
        using var isSame = rounded.Eq(value);
        using var wide = value.To(DType.Float32);
        using var merged = Tensor.Where(isSame, copy, wide);
        copy.Copy_(merged);
    }
}
