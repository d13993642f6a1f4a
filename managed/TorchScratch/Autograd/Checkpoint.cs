// Activation checkpointing: trading time for memory.

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchScratch.Interop;

namespace TorchScratch;

/// <summary>
/// Calls a function without keeping what it computes on the way: the backward pass calls it again to have that back
/// (Chen, Xu, Zhang and Guestrin 2016). Cut a deep model into such parts, and its activations take the memory of the
/// parts' inputs and of one part, for a second forward pass.
/// </summary>
/// <remarks>
/// <para>Gradients are the same bit for bit, of inputs and of everything that the function captures. Dropout draws the
/// same mask again. Checkpoints nest, and gradients of gradients work.</para>
/// <para>The function must do the same each time; what it changes outside, such as running statistics, changes twice.
/// Tensors that it makes, but for its results, are disposed when it returns.</para>
/// </remarks>
public static unsafe class Checkpoint
{
    /// <summary>Calls a function of one tensor.</summary>
    /// <exception cref="Exception">Whatever the function throws; in the backward pass too.</exception>
    public static Tensor Run(Func<Tensor, Tensor> function, Tensor input)
    {
        ArgumentNullException.ThrowIfNull(function);
        return Run(inputs => [function(inputs[0])], input)[0];
    }

    /// <summary>Calls a function of any number of tensors, with any number of results.</summary>
    /// <exception cref="Exception">Whatever the function throws; in the backward pass too.</exception>
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

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnRun(void* user, nint* inputs, int count, nint outputs)
    {
        try
        {
            // What the handles of the function's tensors hold would be kept until the next garbage collection.
            using var scope = Tensor.Scope();
            var tensors = new Tensor[count];
            for (var i = 0; i < count; i++)
                tensors[i] = Tensor.FromBorrowed(inputs[i])!;
            var results = CallbackOwner.Get<Func<Tensor[], Tensor[]>>((nint)user)(tensors)
                ?? throw new ValueException("checkpoint: the function returned null");
            foreach (var result in results)
            {
                using var lease = new TensorLease(result ?? throw new ValueException("checkpoint: a result is null"));
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
