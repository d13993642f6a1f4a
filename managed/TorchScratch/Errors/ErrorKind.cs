// The error codes of the C ABI.

namespace TorchScratch;

/// <summary>The kind of an error. Most kinds have an exception class.</summary>
public enum ErrorKind
{
    /// <summary>A violated invariant, or an exception thrown by other code.</summary>
    Generic = 1,

    /// <summary>Sizes that do not fit together.</summary>
    Shape = 2,

    /// <summary>An element type that an operator does not support.</summary>
    DType = 3,

    /// <summary>An index or dimension out of range.</summary>
    Index = 4,

    /// <summary>An argument outside its domain.</summary>
    Value = 5,

    /// <summary>A graph that cannot be differentiated as requested.</summary>
    Autograd = 6,

    /// <summary>An allocation refused by the memory limit or by the system.</summary>
    OutOfMemory = 7,

    /// <summary>A file that is missing, truncated or malformed.</summary>
    IO = 8,

    /// <summary>A combination of operator, element type and device without a kernel.</summary>
    NotSupported = 9,

    /// <summary>An error reported by a callback without an exception.</summary>
    Callback = 10,

    /// <summary>A device or backend that is missing.</summary>
    Device = 11,
}
