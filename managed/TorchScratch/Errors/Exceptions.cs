// The exception classes, one for each kind of error that callers may want to catch.

namespace TorchScratch;

/// <summary>Sizes that do not fit together, such as the operands of a matrix product.</summary>
public sealed class ShapeException : TorchScratchException
{
    /// <summary>An error with a message.</summary>
    public ShapeException(string message) : base(ErrorKind.Shape, message)
    {
    }
}

/// <summary>
/// An element type that an operator does not support, or operands whose element types must be equal and are not.
/// </summary>
public sealed class DTypeException : TorchScratchException
{
    /// <summary>An error with a message.</summary>
    public DTypeException(string message) : base(ErrorKind.DType, message)
    {
    }
}

/// <summary>An index or dimension out of range.</summary>
public sealed class TensorIndexException : TorchScratchException
{
    /// <summary>An error with a message.</summary>
    public TensorIndexException(string message) : base(ErrorKind.Index, message)
    {
    }
}

/// <summary>
/// An argument outside its domain, detected by an operator; constructors throw <see cref="ArgumentException"/>.
/// </summary>
public sealed class ValueException : TorchScratchException
{
    /// <summary>An error with a message.</summary>
    public ValueException(string message) : base(ErrorKind.Value, message)
    {
    }
}

/// <summary>
/// A graph that cannot be differentiated as requested: it was freed by an earlier pass, its tensors were changed in
/// place, or it was never recorded.
/// </summary>
public sealed class AutogradException : TorchScratchException
{
    /// <summary>An error with a message.</summary>
    public AutogradException(string message) : base(ErrorKind.Autograd, message)
    {
    }
}

/// <summary>
/// The memory limit or the system refused an allocation of native memory. Unlike <see cref="OutOfMemoryException"/> it
/// is safe to catch.
/// </summary>
public sealed class TensorMemoryException : TorchScratchException
{
    /// <summary>An error with a message.</summary>
    public TensorMemoryException(string message) : base(ErrorKind.OutOfMemory, message)
    {
    }
}

/// <summary>A file that is missing, truncated or malformed.</summary>
public sealed class TensorIOException : TorchScratchException
{
    /// <summary>An error with a message.</summary>
    public TensorIOException(string message) : base(ErrorKind.IO, message)
    {
    }

    /// <summary>An error with a message and its cause.</summary>
    public TensorIOException(string message, Exception? innerException) : base(ErrorKind.IO, message, innerException)
    {
    }
}

/// <summary>A combination of operator, element type and device that has no kernel.</summary>
public sealed class TensorNotSupportedException : TorchScratchException
{
    /// <summary>An error with a message.</summary>
    public TensorNotSupportedException(string message) : base(ErrorKind.NotSupported, message)
    {
    }
}

/// <summary>A device or backend that is missing.</summary>
public sealed class DeviceException : TorchScratchException
{
    /// <summary>An error with a message.</summary>
    public DeviceException(string message) : base(ErrorKind.Device, message)
    {
    }
}
