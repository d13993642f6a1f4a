// One class for each kind of error, so that a catch can choose.

namespace TorchScratch;

/// <summary>Sizes that do not fit together, such as the operands of a matrix product.</summary>
public sealed class ShapeException : TorchScratchException
{
    /// <summary>An error with its message.</summary>
    public ShapeException(string message) : base(ErrorKind.Shape, message)
    {
    }
}

/// <summary>
/// An element type that an operator does not take, or operands whose types differ where they may not.
/// </summary>
public sealed class DTypeException : TorchScratchException
{
    /// <summary>An error with its message.</summary>
    public DTypeException(string message) : base(ErrorKind.DType, message)
    {
    }
}

/// <summary>An index or dimension out of range.</summary>
public sealed class TensorIndexException : TorchScratchException
{
    /// <summary>An error with its message.</summary>
    public TensorIndexException(string message) : base(ErrorKind.Index, message)
    {
    }
}

/// <summary>An argument out of its domain: what an <see cref="ArgumentException"/> is to other libraries.</summary>
public sealed class ValueException : TorchScratchException
{
    /// <summary>An error with its message.</summary>
    public ValueException(string message) : base(ErrorKind.Value, message)
    {
    }
}

/// <summary>
/// A graph that cannot be differentiated as asked: used up, changed in place since, or never recorded.
/// </summary>
public sealed class AutogradException : TorchScratchException
{
    /// <summary>An error with its message.</summary>
    public AutogradException(string message) : base(ErrorKind.Autograd, message)
    {
    }
}

/// <summary>
/// The memory limit or the system refused an allocation: what an <see cref="OutOfMemoryException"/> is to managed
/// memory, but harmless to catch.
/// </summary>
public sealed class TensorMemoryException : TorchScratchException
{
    /// <summary>An error with its message.</summary>
    public TensorMemoryException(string message) : base(ErrorKind.OutOfMemory, message)
    {
    }
}

/// <summary>A file that is missing, truncated or malformed.</summary>
public sealed class TensorIOException : TorchScratchException
{
    /// <summary>An error with its message.</summary>
    public TensorIOException(string message) : base(ErrorKind.IO, message)
    {
    }

    /// <summary>An error with what caused it.</summary>
    public TensorIOException(string message, Exception? innerException) : base(ErrorKind.IO, message, innerException)
    {
    }
}

/// <summary>A combination of operator, element type and device that has no kernel.</summary>
public sealed class TensorNotSupportedException : TorchScratchException
{
    /// <summary>An error with its message.</summary>
    public TensorNotSupportedException(string message) : base(ErrorKind.NotSupported, message)
    {
    }
}

/// <summary>A device or backend that is missing.</summary>
public sealed class DeviceException : TorchScratchException
{
    /// <summary>An error with its message.</summary>
    public DeviceException(string message) : base(ErrorKind.Device, message)
    {
    }
}
