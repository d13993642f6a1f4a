// An argument that can be made again and again, so that one call can be repeated with other numbers of threads.

namespace TorchScratch.Fuzz.Api;

/// <param name="Text">The argument as C#.</param>
/// <param name="Make">Makes it; the same each time.</param>
internal sealed record Argument(string Text, Func<object?> Make)
{
    public static Argument Of(object? value) => new(CSharp.Literal(value), () => value);
}

/// <summary>An argument cannot be made: no way is known, or its constructor refused.</summary>
internal sealed class NoArgumentException : Exception
{
    public NoArgumentException(string message) : base(message)
    {
    }

    public NoArgumentException(string message, Exception inner) : base(message, inner)
    {
    }
}

/// <summary>What a callback of the fuzzer throws, which a call may let through.</summary>
internal sealed class CallbackFailure : Exception
{
    public CallbackFailure() : base("a callback of the fuzzer throws this")
    {
    }
}
