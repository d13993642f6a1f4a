// What the two halves of a custom function share.

using System.Runtime.CompilerServices;
using TorchScratch.Interop;

namespace TorchScratch;

/// <summary>
/// Passes data from <see cref="AutogradFunction.Forward"/> to <see cref="AutogradFunction.Backward"/>. Valid inside
/// these methods only.
/// </summary>
public sealed unsafe class FunctionContext
{
    private readonly StrongBox<object?> _state;
    private nint _native;

    // One for each call, so that backward passes of several threads through one node do not meet.
    internal FunctionContext(nint native, StrongBox<object?> state) => (_native, _state) = (native, state);

    /// <summary>
    /// Anything but tensors (those go through <see cref="Save"/>, which knows of graphs and in-place changes); kept
    /// from forward to backward.
    /// </summary>
    public object? State
    {
        get => _state.Value;
        set => _state.Value = value;
    }

    /// <summary>
    /// In backward: the saved tensors, in order. They are new handles with each read.
    /// </summary>
    /// <exception cref="AutogradException">One was changed in place meanwhile, or the graph was used up.</exception>
    public Tensor[] Saved
    {
        get
        {
            nint list;
            Status.Check(Native.ts_context_saved(Current(), &list));
            return Tensor.TakeList(list);
        }
    }

    /// <summary>In forward: keeps inputs or outputs for backward, in the place of those kept before.</summary>
    public void Save(params ReadOnlySpan<Tensor> tensors)
    {
        using var lease = new TensorListLease(tensors);
        Status.Check(Native.ts_context_save(Current(), lease.Pointer, lease.Count));
    }

    /// <summary>Whether input <paramref name="index"/> of the function needs a gradient.</summary>
    public bool NeedsInputGrad(int index) => Native.ts_context_needs_input_grad(Current(), index) != 0;

    /// <summary>In forward: these outputs get no gradient.</summary>
    public void MarkNonDifferentiable(params ReadOnlySpan<Tensor> outputs)
    {
        using var lease = new TensorListLease(outputs);
        Status.Check(Native.ts_context_mark_non_differentiable(Current(), lease.Pointer, lease.Count));
    }

    /// <summary>The call is over; native code reclaims its part.</summary>
    internal void Invalidate() => _native = 0;

    private nint Current([CallerMemberName] string? member = null) => _native != 0
        ? _native
        : throw new AutogradException($"{member}: the context of a function is valid only in its Forward and Backward");
}
