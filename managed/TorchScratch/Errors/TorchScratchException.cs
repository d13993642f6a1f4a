// The root of all errors, and how an operator and a module get their names into one.

namespace TorchScratch;

/// <summary>
/// An error of TorchScratch. The message names the operator, its operands' shapes and element types and, where one is
/// known, the fix.
/// </summary>
public class TorchScratchException : Exception
{
    /// <summary>An error of kind <see cref="ErrorKind.Generic"/>.</summary>
    public TorchScratchException(string message) : this(ErrorKind.Generic, message)
    {
    }

    /// <summary>An error of kind <see cref="ErrorKind.Generic"/>, with what caused it.</summary>
    public TorchScratchException(string message, Exception? innerException)
        : this(ErrorKind.Generic, message, innerException)
    {
    }

    private protected TorchScratchException(ErrorKind kind, string message, Exception? innerException = null)
        : base(message, innerException)
    {
        Kind = kind;
        Operator = OperatorOf(message);
    }

    /// <summary>The kind of error.</summary>
    public ErrorKind Kind { get; }

    /// <summary>
    /// The operator that failed, by its name in the op table, as in <c>matmul</c>; null outside operators.
    /// </summary>
    public string? Operator { get; }

    /// <summary>
    /// The module in whose forward pass it happened, as in <c>encoder.0.linear</c>; null outside modules.
    /// </summary>
    public string? ModulePath { get; internal set; }

    /// <inheritdoc/>
    public override string Message => ModulePath is null ? base.Message : $"{ModulePath}: {base.Message}";

    internal static TorchScratchException Create(int status, string message) => (ErrorKind)status switch
    {
        ErrorKind.Shape => new ShapeException(message),
        ErrorKind.DType => new DTypeException(message),
        ErrorKind.Index => new TensorIndexException(message),
        ErrorKind.Value => new ValueException(message),
        ErrorKind.Autograd => new AutogradException(message),
        ErrorKind.OutOfMemory => new TensorMemoryException(message),
        ErrorKind.IO => new TensorIOException(message),
        ErrorKind.NotSupported => new TensorNotSupportedException(message),
        ErrorKind.Device => new DeviceException(message),
        ErrorKind.Callback => new TorchScratchException(ErrorKind.Callback, message),
        _ => new TorchScratchException(message),
    };

    // The core writes "matmul: ..." or, inside a composite, "cross_entropy (in log_softmax): ...".
    private static string? OperatorOf(string message)
    {
        var length = 0;
        while (length < message.Length &&
            (char.IsAsciiLetterLower(message[length]) || char.IsAsciiDigit(message[length]) ||
            message[length] is '_' or '.' || IsPrefix(message, length)))
        {
            length += message[length] == ':' ? 2 : 1;
        }
        var rest = message.AsSpan(length);
        return length > 0 && (rest.StartsWith(": ") || rest.StartsWith(" (in ")) ? message[..length] : null;
    }

    // The two colons of a plugin's operator, as in "my::swish".
    private static bool IsPrefix(string message, int at) =>
        at > 0 && message.AsSpan(at).StartsWith("::", StringComparison.Ordinal) && at + 2 < message.Length &&
        message[at + 2] != ' ';
}
