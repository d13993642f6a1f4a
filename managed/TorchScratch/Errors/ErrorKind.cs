// The kinds of errors of the C ABI.

namespace TorchScratch;

/// <summary>What went wrong, in one word; each kind but the first has an exception of its own.</summary>
public enum ErrorKind
{
    /// <summary>A broken invariant, or an exception from foreign code.</summary>
    Generic = 1,

    /// <summary>Sizes that do not fit together.</summary>
    Shape = 2,

    /// <summary>An element type that an operator does not take.</summary>
    DType = 3,

    /// <summary>An index or dimension out of range.</summary>
    Index = 4,

    /// <summary>An argument out of its domain.</summary>
    Value = 5,

    /// <summary>A graph that cannot be differentiated as asked.</summary>
    Autograd = 6,

    /// <summary>The memory limit, or the system's.</summary>
    OutOfMemory = 7,

    /// <summary>A file that is missing, truncated or malformed.</summary>
    IO = 8,

    /// <summary>A combination that has no kernel.</summary>
    NotSupported = 9,

    /// <summary>An error that a callback reported without an exception of its own.</summary>
    Callback = 10,

    /// <summary>A device or backend that is missing.</summary>
    Device = 11,
}
