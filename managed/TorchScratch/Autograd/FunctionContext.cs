// The data shared by the forward and backward methods of a custom function.

using System.Runtime.CompilerServices;
using TorchScratch.Interop;

namespace TorchScratch;

/// <summary>
/// Passes data from <see cref="AutogradFunction.Forward"/> to <see cref="AutogradFunction.Backward"/>. It is valid only
/// inside these methods.
/// </summary>
public sealed unsafe class FunctionContext
{
    private readonly StrongBox<object?> _state;
    private nint _native;

    // A new context for each call, so that backward passes of several threads through one node do not interfere.
    internal FunctionContext(nint native, StrongBox<object?> state) => (_native, _state) = (native, state);

    /// <summary>
    /// Any data other than tensors to pass from forward to backward. Tensors must be passed by
    /// <see cref="Save(ReadOnlySpan{Tensor})"/>, which handles graphs and detects in-place changes.
    /// </summary>
    public object? State
    {
        get => _state.Value;
        set => _state.Value = value;
    }

    /// <summary>In backward: the saved tensors, in order. Each read creates new handles.</summary>
    /// <exception cref="AutogradException">
    /// A saved tensor was changed in place since, or the graph was freed by an earlier backward pass.
    /// </exception>
    public Tensor[] Saved
    {
        get
        {
            nint list;
            Status.Check(Native.ts_context_saved(Current(), &list));
            return Tensor.TakeList(list);
        }
    }

    /// <summary>In forward: saves inputs or outputs for backward, replacing tensors saved before.</summary>
    public void Save(params ReadOnlySpan<Tensor> tensors)
    {
        using var lease = new TensorListLease(tensors);
        Status.Check(Native.ts_context_save(Current(), lease.Pointer, lease.Count));
    }

    /// <inheritdoc cref="Save(ReadOnlySpan{Tensor})"/>
    [OverloadResolutionPriority(-1)]
    public void Save(IEnumerable<Tensor> tensors) => Save(TensorSequence.Span(tensors));

    /// <summary>Whether input <paramref name="index"/> of the function needs a gradient.</summary>
    public bool NeedsInputGrad(int index) => Native.ts_context_needs_input_grad(Current(), index) != 0;

    /// <summary>In forward: marks outputs that have no gradient.</summary>
    public void MarkNonDifferentiable(params ReadOnlySpan<Tensor> outputs)
    {
        using var lease = new TensorListLease(outputs);
        Status.Check(Native.ts_context_mark_non_differentiable(Current(), lease.Pointer, lease.Count));
    }

    /// <inheritdoc cref="MarkNonDifferentiable(ReadOnlySpan{Tensor})"/>
    [OverloadResolutionPriority(-1)]
    public void MarkNonDifferentiable(IEnumerable<Tensor> outputs) =>
        MarkNonDifferentiable(TensorSequence.Span(outputs));

    /// <summary>Marks the end of the call, after which native code frees its part of the context.</summary>
    internal void Invalidate() => _native = 0;

    private nint Current([CallerMemberName] string? member = null) => _native != 0
        ? _native
        : throw new AutogradException($"{member}: the context of a function is valid only inside Forward and Backward");
}
