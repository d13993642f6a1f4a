// Random number generators other than the default one.

using System.Runtime.InteropServices;
using TorchScratch.Interop;

namespace TorchScratch;

/// <summary>
/// A stream of random numbers. Its state is a seed and a position (Philox, a counter-based generator: Salmon et al.,
/// 2011), so that a seed gives the same numbers on every machine and with any number of threads. Operators draw from
/// the default stream, which <see cref="Runtime.ManualSeed"/> seeds, or from another stream while it is in use:
/// <c>using (generator.Use()) x = Tensor.Rand(3);</c>
/// </summary>
public sealed unsafe class Generator : IDisposable
{
    private readonly Handle _handle;

    /// <summary>A stream with a seed.</summary>
    public Generator(ulong seed = 0)
    {
        var handle = Native.ts_generator_create(seed);
        if (handle == 0)
            throw TorchScratchException.Of(ErrorKind.OutOfMemory, nameof(Generator), "out of memory");
        _handle = new(handle);
    }

    /// <summary>The seed and position of the stream; setting it continues from there.</summary>
    public RandomState State
    {
        get
        {
            using var self = new HandleLease(_handle);
            ulong seed, offset;
            Native.ts_generator_get_state(self.Pointer, &seed, &offset);
            return new(seed, offset);
        }
        set
        {
            using var self = new HandleLease(_handle);
            Native.ts_generator_set_state(self.Pointer, value.Seed, value.Offset);
        }
    }

    /// <summary>Restarts the stream from a seed. Returns this generator.</summary>
    public Generator ManualSeed(ulong seed)
    {
        State = new(seed, 0);
        return this;
    }

    /// <summary>Makes the operators of this thread draw from this stream until the scope is disposed.</summary>
    public GeneratorScope Use()
    {
        using var self = new HandleLease(_handle);
        return new(self.Pointer);
    }

    /// <summary>Releases the stream. A scope that uses it keeps it alive until the scope ends.</summary>
    public void Dispose() => _handle.Dispose();

    private sealed class Handle : SafeHandle
    {
        public Handle(nint value) : base(0, ownsHandle: true) => SetHandle(value);

        public override bool IsInvalid => handle == 0;

        protected override bool ReleaseHandle()
        {
            Native.ts_generator_release(handle);
            return true;
        }
    }
}

/// <summary>Makes this thread draw from a generator until it is disposed; see <see cref="Generator.Use"/>.</summary>
public readonly ref struct GeneratorScope : IDisposable
{
    private readonly bool _restores;
    private readonly nint _former;

    internal GeneratorScope(nint generator)
    {
        _former = Native.ts_generator_use(generator);
        _restores = true;
    }

    /// <summary>Restores the previous generator.</summary>
    public void Dispose()
    {
        if (_restores)
            Native.ts_generator_restore(_former);
    }
}
