// The error of a gradient check.

namespace TorchScratch;

/// <summary>A gradient differs from its finite-difference approximation; see <c>Autograd.GradCheck</c>.</summary>
public sealed class GradCheckException : TorchScratchException
{
    /// <summary>An error with a message.</summary>
    public GradCheckException(string message) : base(ErrorKind.Autograd, message)
    {
    }
}
