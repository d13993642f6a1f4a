// The open scopes of one thread: one stack of tensors, of which each scope is a stretch.

using System.Runtime.CompilerServices;

namespace TorchScratch;

/// <summary>
/// Scopes end innermost first, so one array serves all of them and grows only to the largest number of tensors ever
/// held. A tensor knows its slot, which makes taking it out a matter of one store.
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

    /// <summary>Notes a tensor that was just made, if a scope is open.</summary>
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
        // Never used twice, so that a scope disposed again leaves a later one alone.
        _frames[_depth] = new() { Start = _count, Id = ++_lastId };
        return new(this, _depth++, _lastId);
    }

    internal void Close(int depth, long id)
    {
        if (depth >= _depth || _frames[depth].Id != id)
            return;
        _depth = depth;
        var start = _frames[depth].Start;
        // Last in, first out: views go before what they look at.
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

    /// <summary>Takes a tensor out of whatever scope of this thread holds it.</summary>
    internal void Forget(Tensor tensor)
    {
        if (!Holds(tensor, out var slot))
            return;
        _tensors[slot] = null;
        tensor.ScopeSlot = 0;
        // Only within the innermost scope: the stack must not sink below where that begins.
        if (slot == _count - 1 && slot >= _frames[_depth - 1].Start)
            _count = slot;
    }

    /// <summary>Moves a tensor one scope out.</summary>
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
        // The outer scope ends where this one starts: the first tensor here changes places, and the border moves up.
        // Scopes further in do not matter: a tensor in an outer stretch only ever moves down.
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

    // Another thread's tensor may carry any slot number: only finding it there counts.
    private bool Holds(Tensor tensor, out int slot)
    {
        slot = tensor.ScopeSlot - 1;
        return (uint)slot < (uint)_count && ReferenceEquals(_tensors[slot], tensor);
    }
}
