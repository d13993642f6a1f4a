// One call of a fixture, with what PyTorch answered.

namespace TorchScratch.Conformance.Fixtures;

/// <summary>Positional arguments, and those by PyTorch's names.</summary>
internal sealed record FixtureCall(object?[] Positional, IReadOnlyDictionary<string, object?> Keywords);

/// <summary>A call that must give outputs and, where cotangents are, gradients.</summary>
/// <param name="Call">The call.</param>
/// <param name="Outputs">Keys of the expected outputs, flattened.</param>
/// <param name="Cotangents">
/// Key of the weight of each output in the loss; null for an output without one, empty when no gradient is taken.
/// </param>
internal sealed record FixtureCase(FixtureCall Call, string[] Outputs, string?[] Cotangents);

/// <summary>A call that must raise.</summary>
/// <param name="Call">The call.</param>
/// <param name="Raises">PyTorch's exception.</param>
/// <param name="Message">A regular expression for PyTorch's message; for reading, as ours are worded otherwise.</param>
internal sealed record FixtureError(FixtureCall Call, string Raises, string Message);
