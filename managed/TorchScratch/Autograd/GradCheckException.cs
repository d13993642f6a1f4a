// What a gradient check found.

namespace TorchScratch;

/// <summary>A gradient that differs from what finite differences give; see <c>Autograd.GradCheck</c>.</summary>
public sealed class GradCheckException : TorchScratchException
{
    /// <summary>An error with its message.</summary>
    public GradCheckException(string message) : base(ErrorKind.Autograd, message)
    {
    }
}
