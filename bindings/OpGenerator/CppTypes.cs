// The table's types in C++, and a row's signature there.

namespace TorchScratch.OpGenerator;

internal static class CppTypes
{
    /// <summary>The type of a parameter.</summary>
    public static string Parameter(OpType type) => type switch
    {
        { Kind: TypeKind.Tensor } => "const Tensor&",
        { Kind: TypeKind.TensorList } => "Span<const Tensor>",
        { IsOptional: true } => $"std::optional<{type.Names.Cpp}>",
        { Kind: TypeKind.Scalar or TypeKind.String } => $"const {type.Names.Cpp}&",
        _ => type.Names.Cpp,
    };

    /// <summary>The type of a copy that a node keeps.</summary>
    public static string Member(OpType type)
    {
        var value = type.Kind == TypeKind.IntList ? "Dims" : type.Names.Cpp;
        return type.IsOptional ? $"std::optional<{value}>" : value;
    }

    private static string Default(Argument argument) => argument switch
    {
        { Default: null } => "",
        { Default: "None", IsTensor: true } => " = {}",
        { Default: "None" } => " = std::nullopt",
        { Type.Kind: TypeKind.IntList } => $" = {{{Repeat(argument)}}}",
        { Type.Enum: { } row } => $" = {row.Name}::{Text.Pascal(argument.Default)}",
        _ => " = " + argument.Default,
    };

    /// <summary>The default of an int[N], repeated N times: "1, 1".</summary>
    public static string Repeat(Argument argument) =>
        Text.List(Enumerable.Repeat(argument.Default!, argument.Type.Length));

    public static string Returned(OpRow row)
    {
        var types = Text.List(row.Results.Select(result => result.IsList ? "TensorList" : "Tensor"));
        return row.IsStep ? "void" : row.Results.Count == 1 ? types : $"std::tuple<{types}>";
    }

    /// <summary>The declaration, with defaults, preceded by `head`.</summary>
    public static string Declaration(Overload overload, string head = "") =>
        $"{head}{Returned(overload.Row)} {overload.Name}({Text.List(overload.Arguments.Select(Declared))});";

    public static string Declared(Argument argument) =>
        $"{Parameter(argument.Type)} {argument.Name}{Default(argument)}";

    /// <summary>The head of a function definition.</summary>
    public static string Definition(Overload overload) => $"{Returned(overload.Row)} {overload.Name}(" +
        $"{Text.List(overload.Arguments.Select(a => $"{Parameter(a.Type)} {Passed(overload, a.Name)}"))}) {{";

    /// <summary>The hand-written function that implements an overload.</summary>
    public static string FunctionDeclaration(Overload overload) => $"{Returned(overload.Row)} {overload.Function}(" +
        $"{Text.List(overload.Arguments.Select(a => $"{Parameter(a.Type)} {a.Name}"))});";

    /// <summary>Whether `prepare` replaces the argument, which it never does if it is written in place.</summary>
    public static bool IsPrepared(Overload overload, string name) =>
        overload.Row.Prepare.ContainsKey(name) && !(overload.IsInPlace && name == overload.Arguments[0].Name);

    /// <summary>The name of an argument before `prepare` replaces it.</summary>
    public static string Passed(Overload overload, string name) =>
        IsPrepared(overload, name) ? name + "_argument" : name;
}
