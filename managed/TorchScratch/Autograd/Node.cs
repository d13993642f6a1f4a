// Nodes of the recorded graph.

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchScratch.Interop;

namespace TorchScratch;

/// <summary>
/// A recorded operation: a node of the graph that <see cref="Tensor.Backward"/> traverses. It keeps the nodes that
/// gradients flow on to alive until it is disposed.
/// </summary>
public sealed unsafe class Node : IDisposable
{
    /// <summary>A function called with the gradients before or after a node runs. It cannot replace them.</summary>
    /// <param name="gradInputs">
    /// The gradients of the operands, null where there is none; empty in a hook that runs before the node.
    /// </param>
    /// <param name="gradOutputs">The gradients of the results, null where there is none.</param>
    public delegate void Hook(ReadOnlySpan<Tensor?> gradInputs, ReadOnlySpan<Tensor?> gradOutputs);

    private readonly Handle _handle;

    private Node(nint handle) => _handle = new(handle);

    /// <summary>The kind of operation, such as <c>SoftmaxBackward</c>.</summary>
    public string Name
    {
        get
        {
            using var self = new HandleLease(_handle);
            return Marshal.PtrToStringUTF8(Native.ts_node_name(self.Pointer))!;
        }
    }

    /// <summary>
    /// The nodes that gradients flow on to, one for each operand; null for an operand without a gradient.
    /// </summary>
    public IReadOnlyList<Node?> Next
    {
        get
        {
            using var self = new HandleLease(_handle);
            var next = new Node?[Native.ts_node_edge_count(self.Pointer)];
            for (var i = 0; i < next.Length; i++)
                next[i] = FromHandle(Native.ts_node_edge(self.Pointer, i));
            return next;
        }
    }

    /// <summary>Calls <paramref name="hook"/> each time the node has run in a backward pass.</summary>
    public HookHandle RegisterHook(Hook hook) => Register(hook, before: false);

    /// <summary>Calls <paramref name="hook"/> each time before the node runs in a backward pass.</summary>
    public HookHandle RegisterPreHook(Hook hook) => Register(hook, before: true);

    /// <summary>Releases the node.</summary>
    public void Dispose() => _handle.Dispose();

    /// <inheritdoc/>
    public override string ToString() => _handle.IsClosed ? "Node (disposed)" : $"<{Name}>";

    internal static Node? FromHandle(nint handle) => handle == 0 ? null : new(handle);

    private HookHandle Register(Hook hook, bool before)
    {
        ArgumentNullException.ThrowIfNull(hook);
        using var self = new HandleLease(_handle);
        long registered;
        Status.Check(Native.ts_node_register_hook(self.Pointer, Marshalling.Code(before),
            (nint)(delegate* unmanaged[Cdecl]<void*, nint, nint, int>)&OnNode, CallbackOwner.ReleaseCallback,
            (void*)CallbackOwner.Allocate(hook), &registered));
        var id = registered;
        return new HookHandle(() =>
        {
            // A disposed node is no longer accessible; its hook lives as long as the graph.
            if (_handle.IsClosed)
                return;
            using var node = new HandleLease(_handle);
            Status.Check(Native.ts_node_remove_hook(node.Pointer, id));
        });
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnNode(void* user, nint gradInputs, nint gradOutputs)
    {
        try
        {
            var inputs = gradInputs == 0 ? [] : Tensor.CopyList(gradInputs);
            CallbackOwner.Get<Hook>((nint)user)(inputs, Tensor.CopyList(gradOutputs));
            return 0;
        }
        catch (Exception exception)
        {
            return CallbackError.Store(exception);
        }
    }

    private sealed class Handle : SafeHandle
    {
        public Handle(nint value) : base(0, ownsHandle: true) => SetHandle(value);

        public override bool IsInvalid => handle == 0;

        protected override bool ReleaseHandle()
        {
            Native.ts_node_release(handle);
            return true;
        }
    }
}
