// A tensor's part in differentiation.

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchScratch.Interop;

namespace TorchScratch;

public sealed unsafe partial class Tensor
{
    /// <summary>
    /// Whether gradients are computed for it. Set on leaves (weights, inputs); results of operators inherit it.
    /// </summary>
    /// <exception cref="AutogradException">
    /// Set to false on a result of an operator; use <see cref="Detach"/>.
    /// </exception>
    /// <exception cref="DTypeException">Set to true on a tensor that is not floating.</exception>
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
    /// The gradient that <see cref="Backward"/> accumulated, of this shape; null when there is none. Each read gives
    /// another handle of the same tensor. Set to null to begin anew.
    /// </summary>
    /// <exception cref="ShapeException">Set to a tensor of another shape.</exception>
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

    /// <summary>Whether no operator made it, or one whose result needs no gradient.</summary>
    public bool IsLeaf
    {
        get
        {
            using var self = new TensorLease(this);
            return Native.ts_tensor_is_leaf(self.Handle) != 0;
        }
    }

    /// <summary>The node of the graph that made it; null for a leaf.</summary>
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
    /// Computes the gradients of this tensor with respect to all leaves it was computed from, and adds them to their
    /// <see cref="Grad"/>.
    /// </summary>
    /// <param name="gradient">
    /// The gradient of some scalar with respect to this tensor, of its shape; may be left out when this has one
    /// element.
    /// </param>
    /// <param name="retainGraph">
    /// Keeps the graph for another pass; when not given, as <paramref name="createGraph"/>.
    /// </param>
    /// <param name="createGraph">Records the pass itself, for gradients of gradients.</param>
    /// <exception cref="AutogradException">
    /// The tensor needs no gradient, its graph was used up, or a tensor it needs was changed in place.
    /// </exception>
    public void Backward(Tensor? gradient = null, bool? retainGraph = null, bool createGraph = false)
    {
        using var self = new TensorLease(this);
        using var gradientLease = new TensorLease(gradient);
        var (output, vector) = (self.Handle, gradientLease.Handle);
        Status.Check(Native.ts_backward(&output, 1, &vector, Marshalling.Code(retainGraph ?? createGraph),
            Marshalling.Code(createGraph)));
    }

    /// <summary>The same data outside the graph; no gradient flows through it.</summary>
    public Tensor Detach()
    {
        using var self = new TensorLease(this);
        nint result;
        Status.Check(Native.ts_tensor_detach(self.Handle, &result));
        return FromHandle(result);
    }

    /// <summary>Makes <see cref="Backward"/> keep the gradient of a tensor that is no leaf.</summary>
    /// <exception cref="AutogradException">The tensor needs no gradient.</exception>
    public void RetainGrad()
    {
        using var self = new TensorLease(this);
        Status.Check(Native.ts_tensor_retain_grad(self.Handle));
    }

    /// <summary>
    /// Calls <paramref name="hook"/> with each gradient of this tensor as it is computed; a tensor it returns takes the
    /// gradient's place, null leaves it. What it throws comes out of <see cref="Backward"/>.
    /// </summary>
    /// <remarks>
    /// The hook lives as long as the graph or the tensor. One that captures a tensor of the same graph keeps both alive
    /// until it is removed.
    /// </remarks>
    /// <returns>Removes the hook when it is disposed.</returns>
    /// <exception cref="AutogradException">The tensor needs no gradient.</exception>
    public HookHandle RegisterHook(Func<Tensor, Tensor?> hook)
    {
        ArgumentNullException.ThrowIfNull(hook);
        using var self = new TensorLease(this);
        long registered;
        Status.Check(Native.ts_tensor_register_hook(self.Handle,
            (nint)(delegate* unmanaged[Cdecl]<void*, nint, nint*, int>)&OnGradient, CallbackOwner.ReleaseCallback,
            (void*)CallbackOwner.Allocate(hook), &registered));
        var id = registered;
        // A handle of its own, so that disposing this tensor leaves the hook removable.
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
