// What an optimizer keeps for a group: tensors beside the parameters, and the arrays of handles that native calls take.

using TorchScratch.Interop;
using TorchScratch.NN;

namespace TorchScratch.Optim;

/// <summary>A kind of tensor that an optimizer keeps for each parameter.</summary>
/// <param name="Name">PyTorch's name for it.</param>
/// <param name="IsUsed">Whether the options ask for it; null if it is always there.</param>
/// <param name="InitialValue">What its elements are at first; null for 0.</param>
internal sealed record SlotKind(string Name, Func<bool>? IsUsed = null, Func<double>? InitialValue = null);

/// <summary>The tensors of one kind, one for each parameter; null for parameters that never had a gradient.</summary>
internal sealed class StateSlot(SlotKind kind, int count)
{
    private readonly Tensor?[] _tensors = new Tensor?[count];

    public SlotKind Kind => kind;

    /// <summary>PyTorch's name for it.</summary>
    public string Name => kind.Name;

    /// <summary>The tensors' handles, 0 for null.</summary>
    public PinnedArray<nint> Handles { get; } = new(count);

    /// <summary>The tensor that a parameter begins with.</summary>
    public Tensor Initial(Parameter parameter)
    {
        using var noGrad = Autograd.NoGrad();
        return Tensor.FullLike(parameter, kind.InitialValue?.Invoke() ?? 0, MasterWeights.StateType(parameter));
    }

    public Tensor? this[int i]
    {
        get => _tensors[i];
        set
        {
            _tensors[i]?.Dispose();
            // Made during a step, which mostly runs in a scope, but needed by the next one.
            _tensors[i] = value is null ? null : Parameter.OutOfScopes(value);
            // Stays valid without a lease: only this object can dispose the tensor.
            using var lease = new TensorLease(value);
            Handles[i] = lease.Handle;
        }
    }
}

/// <summary>State of one group; its arrays are made once, so that a step allocates nothing.</summary>
internal sealed class GroupState(ParameterGroup group, params SlotKind[] kinds)
{
    private readonly Tensor?[] _entered = new Tensor?[group.Parameters.Count];
    private readonly ParameterState?[] _own = new ParameterState?[group.Parameters.Count];
    private readonly Device[] _devices = new Device[group.Parameters.Count];
    private readonly nint[] _hidden = new nint[group.Parameters.Count];

    /// <summary>The kinds of tensors kept for each parameter.</summary>
    public StateSlot[] Slots { get; } =
        [.. kinds.Select(kind => new StateSlot(kind, group.Parameters.Count))];

    /// <summary>Float32 copies of parameters of half types, which take the steps in their place.</summary>
    public MasterWeights Masters { get; } = new(group.Parameters.Count);

    /// <summary>Whether the optimizer is derived outside of the library and keeps tensors of its own.</summary>
    public bool KeepsOwn { get; init; }

    /// <summary>What such an optimizer keeps of a parameter.</summary>
    public ParameterState OwnOf(int i) => _own[i] ??= new(this, i);

    /// <summary>Frees it.</summary>
    public void ClearOwn(int i) => _own[i]?.Clear();

    /// <summary>The number of parameters, and of entries of every array here.</summary>
    public int Count => _entered.Length;

    /// <summary>The steps that each parameter has taken; native steps count them up.</summary>
    public PinnedArray<long> Steps { get; } = new(group.Parameters.Count);

    /// <summary>A number kept for each parameter, under PyTorch's name; null if the optimizer keeps none.</summary>
    public (string Name, double InitialValue, PinnedArray<double> Values)? Numbers { get; init; }

    /// <summary>Handles of the parameters, valid between <see cref="Enter"/> and <see cref="Exit"/>.</summary>
    public PinnedArray<nint> Parameters { get; } = new(group.Parameters.Count);

    /// <summary>Handles of their gradients, 0 where there is none.</summary>
    public PinnedArray<nint> Gradients { get; } = new(group.Parameters.Count);

    /// <summary>
    /// Fills the arrays of handles and keeps the tensors alive until <see cref="Exit"/>, which must follow.
    /// </summary>
    /// <exception cref="ObjectDisposedException">A parameter was disposed.</exception>
    public unsafe void Enter(string optimizer)
    {
        for (var i = 0; i < _entered.Length; i++)
        {
            var tensor = group.Parameters[i].Value;
            if (tensor.IsDisposed)
                ThrowDisposed(optimizer, i);
            Parameters[i] = tensor.Enter("parameter", optimizer);
            _entered[i] = tensor;
            nint gradient;
            Status.Check(Native.ts_tensor_grad(Parameters[i], &gradient));
            Gradients[i] = gradient;
            _devices[i] = tensor.Device;
            if (KeepsOwn)
            {
                _own[i]?.MoveTo(_devices[i]);
                continue;
            }
            if (Masters.HasChanged(i, tensor))
                See(i, tensor);
            Masters.Replace(i, ref Parameters[i], ref Gradients[i]);
        }
    }

    /// <summary>
    /// Makes the tensors that the options ask for, of parameters that have a gradient for the first time.
    /// </summary>
    public void EnsureSlots()
    {
        foreach (var slot in Slots)
        {
            if (slot.Kind.IsUsed?.Invoke() == false)
                continue;
            for (var i = 0; i < _entered.Length; i++)
            {
                if (Gradients[i] == 0 || slot.Handles[i] != 0)
                    continue;
                slot[i] = slot.Initial(group.Parameters[i]);
            }
        }
    }

    /// <summary>Whether all parameters are on the same device.</summary>
    public bool IsOnOneDevice
    {
        get
        {
            foreach (var device in _devices)
            {
                if (device != _devices[0])
                    return false;
            }
            return true;
        }
    }

    /// <summary>
    /// Calls an action for the parameters of each device: a native step takes tensors of one device. Meanwhile the
    /// gradients of the others are hidden, so that they are left out.
    /// </summary>
    public void ForEachDevice(Action step)
    {
        foreach (var device in _devices.Distinct())
        {
            for (var i = 0; i < _entered.Length; i++)
            {
                if (_devices[i] != device)
                    (_hidden[i], Gradients[i]) = (Gradients[i], 0);
            }
            try
            {
                step();
            }
            finally
            {
                for (var i = 0; i < _entered.Length; i++)
                {
                    if (_hidden[i] != 0)
                        (Gradients[i], _hidden[i]) = (_hidden[i], 0);
                }
            }
        }
    }

    /// <summary>Ends what <see cref="Enter"/> began, also where that ended early.</summary>
    public void Exit()
    {
        for (var i = 0; i < _entered.Length; i++)
        {
            if (!Masters.Release(i))
                Native.ts_tensor_release(Gradients[i]);
            Gradients[i] = 0;
            _entered[i]?.Exit();
            _entered[i] = null;
        }
    }

    // A parameter that was converted to another element type, or moved, takes what is remembered of it along.
    private void See(int i, Tensor tensor)
    {
        Masters.See(i, tensor);
        var dtype = MasterWeights.StateType(group.Parameters[i]);
        foreach (var slot in Slots)
        {
            if (slot[i] is not { } old || (old.DType == dtype && old.Device == tensor.Device))
                continue;
            using var noGrad = Autograd.NoGrad();
            slot[i] = old.To(tensor.Device, dtype);
        }
    }

    public void Dispose()
    {
        Masters.Dispose();
        foreach (var slot in Slots)
        {
            for (var i = 0; i < _entered.Length; i++)
                slot[i] = null;
        }
        for (var i = 0; i < _own.Length; i++)
            ClearOwn(i);
    }

    private static void ThrowDisposed(string optimizer, int i) => throw new ObjectDisposedException(nameof(Parameter),
        $"{optimizer}.Step: parameter {i} of a group was disposed; an optimizer's parameters live as long as it " +
        "is used");
}
