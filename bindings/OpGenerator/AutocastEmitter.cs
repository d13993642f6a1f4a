// Writes how an operator follows an AutocastScope: at the head of its function, where autocast is active, the function
// calls itself with converted operands. docs/architecture.md says why it is done this way.

namespace TorchScratch.OpGenerator;

internal static class AutocastEmitter
{
    /// <summary>What a row may say in `autocast:`.</summary>
    public static readonly string[] Policies = ["lower", "float", "widest"];

    /// <summary>The header that the code below needs.</summary>
    public const string Header = "autograd/autocast.h";

    /// <summary>The head of a function; empty for rows without the column.</summary>
    public static string Head(Overload overload)
    {
        // An in-place form computes in the types it is given. One that is composed says so to its parts.
        var isPlain = !overload.IsInPlace;
        if (overload.Row.Autocast is not { } policy || !(isPlain || overload.Row.Kind == OpKind.Composite))
            return "";
        string Name(Argument a) => CppTypes.Passed(overload, a.Name);
        var passed = overload.Arguments.Select(a => isPlain && IsConverted(a) ? $"cast({Name(a)})" : Name(a));
        return Code.Format($$"""
            if (autocast::active()) [[unlikely]] {
              const autocast::Call cast({{(isPlain ? Type(overload, policy) : "std::nullopt")}});
              return {{overload.Name}}({{Text.List(passed)}});
            }
            """);
    }

    // Whoever passes a dtype has chosen the type already.
    private static string Type(Overload overload, string policy)
    {
        var converted = overload.Arguments.Where(IsConverted).Select(a => CppTypes.Passed(overload, a.Name));
        var type = policy switch
        {
            "lower" => "autocast::lower()",
            "float" => "DType::Float32",
            _ => $"autocast::widest({Text.List(converted)})",
        };
        return overload.Arguments.FirstOrDefault(a => a.Type.Kind == TypeKind.DType) is { } dtype
            ? $"{dtype.Name} ? std::nullopt : std::optional({type})"
            : type;
    }

    private static bool IsConverted(Argument argument) => argument.IsTensor || argument.IsList;

    /// <summary>The line of the reference; empty for rows without the column.</summary>
    public static string Fact(OpRow row) => row.Autocast switch
    {
        null => "",
        "lower" => "- Under autocast: computes in the half type of the scope.",
        "float" => "- Under autocast: computes in float32.",
        _ => "- Under autocast: computes in the widest type of its operands.",
    };

    /// <summary>Throws if a row has the column and cannot follow it.</summary>
    public static void Check(OpRow row)
    {
        if (row.Autocast is not { } policy)
            return;
        if (!Policies.Contains(policy))
            throw new TableException($"`autocast:` must be one of {Text.List(Policies)}, not `{policy}`");
        if (row.Kind == OpKind.View || row.IsStep || row.InPlace == InPlace.Only)
            throw new TableException("`autocast:` is for rows that compute a new tensor");
        if (!row.Arguments.Any(a => a.IsOperand || a.IsList))
            throw new TableException("`autocast:` is for rows with operands");
    }
}
