// The types of arguments in a fixture besides null, bool, long, double, string and lists (object?[]) of these.

namespace TorchScratch.Conformance.Fixtures;

/// <summary>A tensor, by its key in the .safetensors file.</summary>
/// <param name="Key">Its key.</param>
/// <param name="AsksGradient">Whether the fixture has its gradient.</param>
/// <param name="GradientKey">The key of the gradient; null if no gradient reaches the tensor.</param>
internal sealed record TensorArgument(string Key, bool AsksGradient, string? GradientKey);

/// <summary>An element type by PyTorch's name, which TorchScratch may not support.</summary>
internal sealed record DTypeArgument(string Name);

/// <summary>Python's start:stop:step.</summary>
internal sealed record SliceArgument(long? Start, long? Stop, long? Step);

/// <summary>Python's "...".</summary>
internal sealed record EllipsisArgument;
