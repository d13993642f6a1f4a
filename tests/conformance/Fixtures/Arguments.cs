// What an argument in a fixture may be besides null, bool, long, double, string and a list (object?[]) of these.

namespace TorchScratch.Conformance.Fixtures;

/// <summary>A tensor, by its key in the .safetensors file.</summary>
/// <param name="Key">Its key.</param>
/// <param name="AsksGradient">Whether the fixture says what its gradient is.</param>
/// <param name="GradientKey">Key of the gradient; null when none reaches the tensor.</param>
internal sealed record TensorArgument(string Key, bool AsksGradient, string? GradientKey);

/// <summary>An element type, by PyTorch's name; TorchScratch may not have it.</summary>
internal sealed record DTypeArgument(string Name);

/// <summary>Python's start:stop:step.</summary>
internal sealed record SliceArgument(long? Start, long? Stop, long? Step);

/// <summary>Python's "...".</summary>
internal sealed record EllipsisArgument;
