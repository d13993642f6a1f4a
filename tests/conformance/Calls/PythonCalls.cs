// Translates calls from PyTorch's conventions to those of C#.

namespace TorchScratch.Conformance.Calls;

/// <summary>The C# name of an operator, and its arguments in the order of C#.</summary>
internal sealed record MethodCall(string Name, object?[] Positional, Dictionary<string, object?> Keywords);

internal static class PythonCalls
{
    // In samples the input is the first argument, but these functions take it second.
    private static readonly HashSet<string> TakesInputSecond =
        ["einsum", "embedding", "embedding_bag", "polygamma", "where"];

    // The position of return_indices if it is given by position.
    private static readonly Dictionary<string, int> ReturnIndicesPosition = new(StringComparer.Ordinal)
    {
        ["adaptive_max_pool1d"] = 2,
        ["adaptive_max_pool2d"] = 2,
        ["adaptive_max_pool3d"] = 2,
        ["max_pool1d"] = 6,
        ["max_pool2d"] = 6,
        ["max_pool3d"] = 6,
    };

    // x.__radd__(y) is y + x.
    private static readonly Dictionary<string, string> Reflected = new(StringComparer.Ordinal)
    {
        ["__radd__"] = "op_Addition",
        ["__rsub__"] = "op_Subtraction",
        ["__rmul__"] = "op_Multiply",
        ["__rdiv__"] = "op_Division",
        ["__rtruediv__"] = "op_Division",
        ["__rmod__"] = "op_Modulus",
        ["__rand__"] = "op_BitwiseAnd",
        ["__ror__"] = "op_BitwiseOr",
        ["__rxor__"] = "op_ExclusiveOr",
        ["__rpow__"] = "Pow",
        ["__rmatmul__"] = "MatMul",
    };

    /// <summary>Whether the operator is Python's x[...].</summary>
    public static bool IsIndexing(OperatorCall call) => call.TorchName == "__getitem__";

    /// <summary>The call in C#; null if Python would not even look up the method.</summary>
    public static MethodCall? Translate(OperatorCall call)
    {
        var positional = call.Positional;
        var keywords = new Dictionary<string, object?>(call.Keywords, StringComparer.Ordinal);
        if (Reflected.TryGetValue(call.TorchName, out var reflected))
        {
            if (positional is not [Tensor self, var other])
                return null;
            // PyTorch's __rpow__ treats the base as a constant: torch.tensor(other) ** self.
            var operand = call.TorchName == "__rpow__" && other is Tensor tensor ? tensor.Detach() : other;
            return new(reflected, [operand, self], keywords);
        }

        if (TakesInputSecond.Contains(call.Operator) && positional.Length >= 2)
            positional = [positional[1], positional[0], .. positional[2..]];
        // These values are what C# does in any case.
        if (keywords.GetValueOrDefault("device") is "cpu")
            keywords.Remove("device");
        if (keywords.GetValueOrDefault("requires_grad") is false)
            keywords.Remove("requires_grad");
        // Where with only a condition returns a vector for each dimension.
        var name = call.Operator == "nonzero" && keywords.Remove("as_tuple", out var asTuple) && asTuple is true
            ? "where" : call.Operator;
        // Pairs of dimensions are two parameters in C#.
        if (call.Operator == "tensordot" && keywords.GetValueOrDefault("dims") is object?[] and [object?[] left, object?[] right])
        {
            keywords.Remove("dims");
            keywords.Add("dims_self", left);
            keywords.Add("dims_other", right);
        }
        if (call.Operator.StartsWith("adaptive_", StringComparison.Ordinal))
            positional = KeepSizes(positional);
        // With None, align_corners depends on the mode; in C# this is the case if the flag is not given.
        if (call.Operator == "interpolate" && positional is [_, _, _, _, null])
            positional = positional[..^1];
        // A separate overload takes the padding as an enumeration, before the bias.
        if (keywords.GetValueOrDefault("padding") is string && positional is [_, _, var bias])
        {
            keywords.Add("bias", bias);
            positional = positional[..^1];
        }
        if (TakeReturnIndices(name, ref positional, keywords))
            name += "_with_indices";
        name = name.StartsWith("linalg_", StringComparison.Ordinal) ? name["linalg_".Length..] : name;
        return new(PascalCase(name), positional, keywords);
    }

    // In output sizes, None stands for the size of the input, which is -1 in C#.
    private static object?[] KeepSizes(object?[] positional) =>
        Array.ConvertAll(positional, argument =>
            argument is object?[] sizes ? Array.ConvertAll(sizes, size => size ?? -1L) : argument);

    // A flag cannot change the return type of a C# method. PyTorch, too, has a separate function
    // for return_indices=True.
    private static bool TakeReturnIndices(string name, ref object?[] positional, Dictionary<string, object?> keywords)
    {
        if (!ReturnIndicesPosition.TryGetValue(name, out var position))
            return false;
        if (position < positional.Length)
        {
            var flag = positional[position] is true;
            positional = [.. positional[..position], .. positional[(position + 1)..]];
            return flag;
        }
        return keywords.Remove("return_indices", out var value) && value is true;
    }

    private static string PascalCase(string name) => string.Concat(name.Split('_', StringSplitOptions.RemoveEmptyEntries)
        .Select(word => char.ToUpperInvariant(word[0]) + word[1..]));
}
