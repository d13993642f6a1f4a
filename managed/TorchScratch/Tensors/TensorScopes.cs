// The open scopes of one thread: a single stack of tensors, of which each scope is a contiguous range.

using System.Runtime.CompilerServices;

namespace TorchScratch;

/// <summary>
/// Scopes end innermost first, so one array is enough for all of them; it grows to the largest number of tensors held
/// at a time. A tensor stores its slot, so that removing it takes constant time.
/// </summary>
internal sealed class TensorScopes
{
    private Tensor?[] _tensors = [];
    private int _count;

    private Frame[] _frames = new Frame[8];
    private int _depth;
    private long _lastId;

    private struct Frame
    {
        public int Start;
        public long Id;
    }

    /// <summary>Adds a new tensor to the innermost scope, if one is open.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Register(Tensor tensor)
    {
        if (_depth != 0)
            Push(tensor);
    }

    internal TensorScope Open()
    {
        if (_depth == _frames.Length)
            Array.Resize(ref _frames, 2 * _depth);
        // Ids are never reused, so that disposing a scope twice does not close a later one.
        _frames[_depth] = new() { Start = _count, Id = ++_lastId };
        return new(this, _depth++, _lastId);
    }

    internal void Close(int depth, long id)
    {
        if (depth >= _depth || _frames[depth].Id != id)
            return;
        _depth = depth;
        var start = _frames[depth].Start;
        // Last in, first out, so that views are disposed before their bases.
        while (_count > start)
        {
            ref var slot = ref _tensors[--_count];
            if (slot is { } tensor)
            {
                slot = null;
                tensor.ScopeSlot = 0;
                tensor.Dispose();
            }
        }
    }

    /// <summary>Removes a tensor from the scope of this thread that holds it, if any.</summary>
    internal void Forget(Tensor tensor)
    {
        if (!Holds(tensor, out var slot))
            return;
        _tensors[slot] = null;
        tensor.ScopeSlot = 0;
        // Only in the innermost scope, because the stack must not shrink below its start.
        if (slot == _count - 1 && slot >= _frames[_depth - 1].Start)
            _count = slot;
    }

    /// <summary>Moves a tensor to the enclosing scope.</summary>
    internal void MoveOut(Tensor tensor)
    {
        if (!Holds(tensor, out var slot))
            return;
        var depth = _depth - 1;
        while (_frames[depth].Start > slot)
            depth--;
        if (depth == 0)
        {
            Forget(tensor);
            return;
        }
        // The enclosing scope ends where this one starts. So the tensor is swapped with the first one of this scope,
        // and the start of this scope moves up by one. Scopes further in are not affected.
        var border = _frames[depth].Start++;
        Place(_tensors[border], slot);
        Place(tensor, border);
    }

    private void Push(Tensor tensor)
    {
        if (_count == _tensors.Length)
            Array.Resize(ref _tensors, Math.Max(64, 2 * _count));
        Place(tensor, _count++);
    }

    private void Place(Tensor? tensor, int slot)
    {
        _tensors[slot] = tensor;
        if (tensor is not null)
            tensor.ScopeSlot = slot + 1;
    }

    // A tensor of another thread may have any slot number, so the entry has to be compared.
    private bool Holds(Tensor tensor, out int slot)
    {
        slot = tensor.ScopeSlot - 1;
        return (uint)slot < (uint)_count && ReferenceEquals(_tensors[slot], tensor);
    }
}
