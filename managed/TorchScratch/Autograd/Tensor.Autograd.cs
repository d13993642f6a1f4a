// Gradients and graphs of tensors.

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchScratch.Interop;

namespace TorchScratch;

public unsafe partial class Tensor
{
    /// <summary>
    /// Whether gradients are computed for this tensor. Set it for leaves, such as parameters; the results of operators
    /// require a gradient if an operand does.
    /// </summary>
    /// <exception cref="AutogradException">
    /// It is set to false for a recorded result of an operator; use <see cref="Detach"/>.
    /// </exception>
    /// <exception cref="DTypeException">It is set to true for a tensor that is not floating point.</exception>
    public bool RequiresGrad
    {
        get
        {
            using var self = new TensorLease(this);
            return Native.ts_tensor_requires_grad(self.Handle) != 0;
        }
        set
        {
            using var self = new TensorLease(this);
            Status.Check(Native.ts_tensor_set_requires_grad(self.Handle, Marshalling.Code(value)));
        }
    }

    /// <summary>
    /// The gradient that <see cref="Backward"/> has accumulated, of the shape of this tensor; null if there is none.
    /// Each read returns a new handle of the same native tensor. Set it to null to clear it.
    /// </summary>
    /// <exception cref="ShapeException">It is set to a tensor of another shape.</exception>
    public Tensor? Grad
    {
        get
        {
            using var self = new TensorLease(this);
            nint grad;
            Status.Check(Native.ts_tensor_grad(self.Handle, &grad));
            return FromHandleOrNull(grad);
        }
        set
        {
            using var self = new TensorLease(this);
            using var grad = new TensorLease(value);
            Status.Check(Native.ts_tensor_set_grad(self.Handle, grad.Handle));
        }
    }

    /// <summary>Whether this tensor was not computed by a recorded operator.</summary>
    public bool IsLeaf
    {
        get
        {
            using var self = new TensorLease(this);
            return Native.ts_tensor_is_leaf(self.Handle) != 0;
        }
    }

    /// <summary>The node of the graph that computed this tensor; null for a leaf.</summary>
    public Node? GradFn
    {
        get
        {
            using var self = new TensorLease(this);
            nint node;
            Status.Check(Native.ts_tensor_grad_fn(self.Handle, &node));
            return Node.FromHandle(node);
        }
    }

    /// <summary>Sets <see cref="RequiresGrad"/>; returns this tensor.</summary>
    public Tensor RequiresGrad_(bool requiresGrad = true)
    {
        RequiresGrad = requiresGrad;
        return this;
    }

    /// <summary>
    /// Computes the gradients of this tensor with respect to all leaves it depends on, and adds them
    /// to their <see cref="Grad"/>.
    /// </summary>
    /// <param name="gradient">
    /// The gradient of a scalar with respect to this tensor, of its shape; may be omitted if this tensor
    /// has one element.
    /// </param>
    /// <param name="retainGraph">
    /// Whether to keep the graph for another pass; <paramref name="createGraph"/> if not given.
    /// </param>
    /// <param name="createGraph">Whether to record the pass itself, for higher-order gradients.</param>
    /// <exception cref="AutogradException">
    /// The tensor requires no gradient, its graph was freed by an earlier backward pass, or a tensor that the pass
    /// needs was changed in place.
    /// </exception>
    public void Backward(Tensor? gradient = null, bool? retainGraph = null, bool createGraph = false)
    {
        using var self = new TensorLease(this);
        using var gradientLease = new TensorLease(gradient);
        var (output, vector) = (self.Handle, gradientLease.Handle);
        Status.Check(Native.ts_backward(&output, 1, &vector, Marshalling.Code(retainGraph ?? createGraph),
            Marshalling.Code(createGraph)));
    }

    /// <summary>
    /// A tensor with the same data that is not part of the graph, so that no gradient flows through it.
    /// </summary>
    public Tensor Detach()
    {
        using var self = new TensorLease(this);
        nint result;
        Status.Check(Native.ts_tensor_detach(self.Handle, &result));
        return FromHandle(result);
    }

    /// <summary>Makes <see cref="Backward"/> store the gradient of a tensor that is not a leaf.</summary>
    /// <exception cref="AutogradException">The tensor requires no gradient.</exception>
    public void RetainGrad()
    {
        using var self = new TensorLease(this);
        Status.Check(Native.ts_tensor_retain_grad(self.Handle));
    }

    /// <summary>
    /// Calls <paramref name="hook"/> with each gradient of this tensor when it is computed. A tensor that
    /// the hook returns replaces the gradient; null leaves it unchanged. Exceptions of the hook are
    /// thrown by <see cref="Backward"/>.
    /// </summary>
    /// <remarks>
    /// The hook lives as long as the graph or the tensor. A hook that captures a tensor of the same graph keeps both
    /// alive until it is removed.
    /// </remarks>
    /// <returns>The registration; disposing it removes the hook.</returns>
    /// <exception cref="AutogradException">The tensor requires no gradient.</exception>
    public HookHandle RegisterHook(Func<Tensor, Tensor?> hook)
    {
        ArgumentNullException.ThrowIfNull(hook);
        using var self = new TensorLease(this);
        long registered;
        Status.Check(Native.ts_tensor_register_hook(self.Handle,
            (nint)(delegate* unmanaged[Cdecl]<void*, nint, nint*, int>)&OnGradient, CallbackOwner.ReleaseCallback,
            (void*)CallbackOwner.Allocate(hook), &registered));
        var id = registered;
        // A separate handle, so that the hook can be removed after this tensor is disposed.
        var target = FromHandleOutsideScopes(Native.ts_tensor_retain(self.Handle));
        return new HookHandle(() =>
        {
            using var owner = target;
            using var lease = new TensorLease(owner);
            Status.Check(Native.ts_tensor_remove_hook(lease.Handle, id));
        });
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnGradient(void* user, nint grad, nint* replacement)
    {
        try
        {
            var hook = CallbackOwner.Get<Func<Tensor, Tensor?>>((nint)user);
            if (hook(FromBorrowed(grad)!) is { } result)
                *replacement = result.Retain();
            return 0;
        }
        catch (Exception exception)
        {
            return CallbackError.Store(exception);
        }
    }
}
