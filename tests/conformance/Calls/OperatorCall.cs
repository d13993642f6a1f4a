// A call of a fixture with its tensors.

using TorchScratch.Conformance.Fixtures;

namespace TorchScratch.Conformance.Calls;

/// <summary>An operator and its arguments, with tensors in place of their keys.</summary>
/// <param name="Operator">The operator's name in the fixtures.</param>
/// <param name="TorchName">Its full name below "torch.".</param>
/// <param name="Positional">
/// Null, bool, long, double, string, tensors, lists (object?[]) and the types in Arguments.cs.
/// </param>
/// <param name="Keywords">The keyword arguments, by PyTorch's names.</param>
internal sealed record OperatorCall(string Operator, string TorchName, object?[] Positional,
    IReadOnlyDictionary<string, object?> Keywords)
{
    /// <summary>An argument by PyTorch's position and name; <paramref name="otherwise"/> if it is not given.</summary>
    public object? Argument(int position, string name, object? otherwise = null) =>
        position < Positional.Length ? Positional[position] : Keywords.GetValueOrDefault(name, otherwise);

    /// <summary>The call as text, as in <c>sum(float32[3, 4], dim=0)</c>.</summary>
    public override string ToString()
    {
        var named = Keywords.Select(pair => $"{pair.Key}={Text(pair.Value)}");
        return $"{Operator}({string.Join(", ", Positional.Select(Text).Concat(named))})";
    }

    private static string Text(object? value) => value switch
    {
        null => "None",
        Tensor tensor => $"{tensor.DType.Name}[{string.Join(", ", tensor.Shape.ToArray())}]",
        object?[] list => $"[{string.Join(", ", list.Select(Text))}]",
        string text => $"'{text}'",
        DTypeArgument dtype => dtype.Name,
        SliceArgument slice => $"{slice.Start}:{slice.Stop}:{slice.Step}",
        EllipsisArgument => "...",
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };
}
