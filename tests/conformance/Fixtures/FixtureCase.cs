// One call of a fixture, with the result of PyTorch.

namespace TorchScratch.Conformance.Fixtures;

/// <summary>Positional arguments, and keyword arguments by PyTorch's names.</summary>
internal sealed record FixtureCall(object?[] Positional, IReadOnlyDictionary<string, object?> Keywords);

/// <summary>A call with expected outputs and, if there are cotangents, expected gradients.</summary>
/// <param name="Call">The call.</param>
/// <param name="Outputs">The keys of the expected outputs, flattened.</param>
/// <param name="Cotangents">
/// The key of the weight of each output in the loss, null for an output without one; empty if there are no gradients.
/// </param>
internal sealed record FixtureCase(FixtureCall Call, string[] Outputs, string?[] Cotangents);

/// <summary>A call that must raise.</summary>
/// <param name="Call">The call.</param>
/// <param name="Raises">PyTorch's exception.</param>
/// <param name="Message">A regular expression for PyTorch's message, for information only: our messages differ.</param>
internal sealed record FixtureError(FixtureCall Call, string Raises, string Message);
