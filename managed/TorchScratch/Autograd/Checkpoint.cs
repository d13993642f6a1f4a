// Activation checkpointing: less memory for more computation.

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchScratch.Interop;

namespace TorchScratch;

/// <summary>
/// Calls a function without storing its intermediate results; the backward pass calls the function again to recompute
/// them (Chen, Xu, Zhang, Guestrin, 2016). If a deep model is divided into such parts, its activations take the memory
/// of the inputs of all parts and of the activations of one part, at the cost of a second forward pass.
/// </summary>
/// <remarks>
/// <para>Gradients of the inputs and of everything that the function captures are the same, bit for bit, as without a
/// checkpoint. Dropout draws the same mask again. Checkpoints may be nested, and higher-order gradients work.</para>
/// <para>The function must compute the same in both calls; its side effects, such as updates of running statistics,
/// happen twice. Tensors that it creates, except for its results, are disposed when it returns.</para>
/// </remarks>
public static unsafe class Checkpoint
{
    /// <summary>Calls a function of one tensor.</summary>
    /// <exception cref="Exception">
    /// Any exception that the function throws; the backward pass may throw it too.
    /// </exception>
    public static Tensor Run(Func<Tensor, Tensor> function, Tensor input)
    {
        ArgumentNullException.ThrowIfNull(function);
        ArgumentNullException.ThrowIfNull(input);
        return Run(inputs => [function(inputs[0])], input)[0];
    }

    /// <summary>Calls a function of any number of tensors, with any number of results.</summary>
    /// <exception cref="Exception">
    /// Any exception that the function throws; the backward pass may throw it too.
    /// </exception>
    public static Tensor[] Run(Func<Tensor[], Tensor[]> function, params ReadOnlySpan<Tensor> inputs)
    {
        ArgumentNullException.ThrowIfNull(function);
        foreach (var input in inputs)
            ArgumentNullException.ThrowIfNull(input, nameof(inputs));
        using var lease = new TensorListLease(inputs);
        nint outputs;
        Status.Check(Native.ts_checkpoint(lease.Pointer, lease.Count,
            (nint)(delegate* unmanaged[Cdecl]<void*, nint*, int, nint, int>)&OnRun, CallbackOwner.ReleaseCallback,
            (void*)CallbackOwner.Allocate(function), &outputs));
        return Tensor.TakeList(outputs);
    }

    /// <inheritdoc cref="Run(Func{Tensor[], Tensor[]}, ReadOnlySpan{Tensor})"/>
    [OverloadResolutionPriority(-1)]
    public static Tensor[] Run(Func<Tensor[], Tensor[]> function, IEnumerable<Tensor> inputs) =>
        Run(function, TensorSequence.Span(inputs));

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnRun(void* user, nint* inputs, int count, nint outputs)
    {
        try
        {
            // Without a scope, the tensors that the function creates would live until the next garbage collection.
            using var scope = Tensor.Scope();
            var tensors = new Tensor[count];
            for (var i = 0; i < count; i++)
                tensors[i] = Tensor.FromBorrowed(inputs[i])!;
            var results = CallbackOwner.Get<Func<Tensor[], Tensor[]>>((nint)user)(tensors)
                ?? throw new ValueException("Checkpoint: the function returned null");
            foreach (var result in results)
            {
                using var lease = new TensorLease(result ?? throw new ValueException("Checkpoint: a result is null"));
                Status.Check(Native.ts_tensor_list_append(outputs, lease.Handle));
            }
            return 0;
        }
        catch (Exception exception)
        {
            return CallbackError.Store(exception);
        }
    }
}
