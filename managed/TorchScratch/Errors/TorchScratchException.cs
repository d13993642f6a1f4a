// The base class of all exceptions of the library, with the operator and the module in which the error occurred.

using TorchScratch.NN;

namespace TorchScratch;

/// <summary>
/// The base class of the exceptions of TorchScratch. The message gives the operator, the shapes and element types of
/// its operands and, where one is known, a remedy.
/// </summary>
public class TorchScratchException : Exception
{
    /// <summary>An error of kind <see cref="ErrorKind.Generic"/>.</summary>
    public TorchScratchException(string message) : this(ErrorKind.Generic, message)
    {
    }

    /// <summary>An error of kind <see cref="ErrorKind.Generic"/>, with its cause.</summary>
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
    /// The operator that failed, by its name in the op table, such as <c>matmul</c>, or the member that did;
    /// null for errors outside operators. The message has the C# name in front.
    /// </summary>
    public string? Operator { get; private set; }

    /// <summary>
    /// The path of the module in whose forward pass the error occurred, such as <c>encoder.0.linear</c>;
    /// null outside modules.
    /// </summary>
    public string? ModulePath { get; internal set; }

    /// <summary>The module of that path as text, such as <c>Linear(in_features=4, out_features=3)</c>.</summary>
    internal string? ModuleText { get; set; }

    /// <summary>The outermost module that the error has left so far, and the path from there.</summary>
    internal Module? Caller { get; set; }

    internal string PathBelow { get; set; } = "";

    /// <inheritdoc/>
    public override string Message => (ModulePath, ModuleText) switch
    {
        (null, _) => base.Message,
        (var path, null) => $"{path}: {base.Message}",
        (_, var text) when PathBelow.Length == 0 => $"{text}: {base.Message}",
        (var path, var text) => $"{path}: {text}: {base.Message}",
    };

    /// <summary>The exception for a message in the spelling of the core, which begins with an operator.</summary>
    internal static TorchScratchException Create(int status, string message)
    {
        var kind = (ErrorKind)status;
        // Messages about files begin with a path, which is not for us to change.
        var exception = Create(kind, kind == ErrorKind.IO ? message : CoreMessage.InCSharp(message));
        exception.Operator = CoreMessage.FunctionOf(message) ?? exception.Operator;
        return exception;
    }

    /// <summary>The exception for a message about a member; <c>name</c> is the member or the operator.</summary>
    internal static TorchScratchException Of(ErrorKind kind, string name, string message)
    {
        var exception = Create(kind, $"{name}: {message}");
        exception.Operator = name;
        return exception;
    }

    private static TorchScratchException Create(ErrorKind kind, string message) => kind switch
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

    // As the core writes it: "matmul: ..." or, inside a composite, "cross_entropy (in log_softmax): ...".
    private static string? OperatorOf(string? message)
    {
        if (message is null)
            return null;
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

    // The two colons in the name of an operator of a plugin, such as "my::swish".
    private static bool IsPrefix(string message, int at) =>
        at > 0 && message.AsSpan(at).StartsWith("::", StringComparison.Ordinal) && at + 2 < message.Length &&
        message[at + 2] != ' ';
}
