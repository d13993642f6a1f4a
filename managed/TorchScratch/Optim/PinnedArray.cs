// An array that stays in its place, so that native calls may read and write it without pinning it each time.

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace TorchScratch.Optim;

/// <summary>An array that the garbage collector does not move.</summary>
internal sealed unsafe class PinnedArray<T>(int length) where T : unmanaged
{
    private readonly T[] _items = GC.AllocateArray<T>(length, pinned: true);

    public int Length => _items.Length;

    /// <summary>The first element, valid as long as this object is reachable.</summary>
    public T* Pointer => (T*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_items));

    public ref T this[int i] => ref _items[i];

    public void Fill(T value) => _items.AsSpan().Fill(value);
}
