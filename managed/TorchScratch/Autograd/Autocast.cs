// Automatic mixed precision: scopes in which operators choose the type in which they compute.

using TorchScratch.Interop;

namespace TorchScratch;

/// <summary>
/// Automatic mixed precision. In a scope, matrix products, convolutions and attention compute in a half type, losses
/// and powers in float32, and all other operators in the types they are given; the reference says so for each. Parameters
/// stay float32, and so do their gradients.
/// </summary>
/// <remarks>
/// Parameters are converted once until the outermost scope ends, or until they change. Operators that write in place and
/// backward passes convert nothing, so <c>Backward</c> may be called inside a scope or after it. With
/// <see cref="DType.Float16"/>, small gradients vanish unless an <see cref="Optim.GradScaler"/> scales the loss.
/// </remarks>
/// <example>
/// <code>
/// Tensor loss;
/// using (Autocast.Begin(DType.BFloat16))
///     loss = Functional.CrossEntropy(model.Call(images), labels);
/// loss.Backward();
/// optimizer.Step();
/// </code>
/// </example>
public static class Autocast
{
    /// <summary>Whether a scope is active on this thread.</summary>
    public static bool IsEnabled => Native.ts_autocast_enabled() != 0;

    /// <summary>The half type of the active scope; null where there is none.</summary>
    public static DType? DType => Native.ts_autocast_dtype() is >= 0 and var code ? (DType)code : null;

    /// <summary>
    /// Computes in a half type on this thread until the scope is disposed. Scopes may be nested.
    /// </summary>
    /// <param name="dtype"><see cref="TorchScratch.DType.BFloat16"/> or <see cref="TorchScratch.DType.Float16"/>.</param>
    /// <exception cref="DTypeException">The type is another one.</exception>
    public static AutocastScope Begin(DType dtype = TorchScratch.DType.BFloat16) => new(dtype);

    /// <summary>
    /// Computes in the types that operators are given, inside a <see cref="Begin"/>, until the scope is disposed.
    /// </summary>
    public static AutocastScope Disable() => new(null);
}

/// <summary>Turns autocast on or off on this thread until it is disposed; see <see cref="Autocast"/>.</summary>
public readonly unsafe ref struct AutocastScope : IDisposable
{
    private readonly bool _restores;
    private readonly int _former;

    internal AutocastScope(OptionalDType dtype)
    {
        int former;
        Status.Check(Native.ts_autocast_begin(Marshalling.Code(dtype), &former));
        _former = former;
        _restores = true;
    }

    /// <summary>Restores the former state.</summary>
    public void Dispose()
    {
        if (_restores)
            Native.ts_autocast_end(_former);
    }
}
