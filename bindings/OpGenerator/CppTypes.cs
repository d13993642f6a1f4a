// The table's types in C++, and a row's signature there.

using System.Text.RegularExpressions;

namespace TorchScratch.OpGenerator;

internal static class CppTypes
{
    /// <summary>As a parameter.</summary>
    public static string Parameter(OpType type) => type switch
    {
        { Kind: TypeKind.Tensor } => "const Tensor&",
        { Kind: TypeKind.TensorList } => "Span<const Tensor>",
        { IsOptional: true } => $"std::optional<{Value(type)}>",
        { Kind: TypeKind.Scalar } => "const Scalar&",
        { Kind: TypeKind.String } => "const std::string&",
        _ => Value(type),
    };

    /// <summary>As a copy that a node keeps.</summary>
    public static string Member(OpType type)
    {
        var value = type.Kind == TypeKind.IntList ? "Dims" : Value(type);
        return type.IsOptional ? $"std::optional<{value}>" : value;
    }

    private static string Value(OpType type) => type.Kind switch
    {
        TypeKind.Scalar => "Scalar",
        TypeKind.Int => "std::int64_t",
        TypeKind.IntList => "IntList",
        TypeKind.Float => "double",
        TypeKind.Bool => "bool",
        TypeKind.String => "std::string",
        TypeKind.DType => "DType",
        TypeKind.Enum => type.Enum!.Name,
        _ => throw new InvalidOperationException($"{type.Kind} is no value"),
    };

    private static string Default(Argument argument) => argument switch
    {
        { Default: null } => "",
        { Default: "None", IsTensor: true } => " = {}",
        { Default: "None" } => " = std::nullopt",
        { Type.Kind: TypeKind.IntList } => $" = {{{Repeat(argument)}}}",
        { Type.Enum: { } row } => $" = {row.Name}::{Text.Pascal(argument.Default)}",
        _ => " = " + argument.Default,
    };

    /// <summary>A default of int[N] written out: "1, 1".</summary>
    public static string Repeat(Argument argument) =>
        Text.List(Enumerable.Repeat(argument.Default!, argument.Type.Length));

    public static string Returned(OpRow row)
    {
        var types = Text.List(row.Results.Select(result => result.IsList ? "TensorList" : "Tensor"));
        return row.Results.Count == 1 ? types : $"std::tuple<{types}>";
    }

    /// <summary>With defaults; `head` goes before.</summary>
    public static string Declaration(Overload overload, string head = "") =>
        Text.Call($"{head}{Returned(overload.Row)} {overload.Name}", overload.Arguments.Select(Declared), ";");

    public static string Declared(Argument argument) =>
        $"{Parameter(argument.Type)} {argument.Name}{Default(argument)}";

    /// <summary>The head of a function's body.</summary>
    public static string Definition(Overload overload) => Text.Call($"{Returned(overload.Row)} {overload.Name}",
        overload.Arguments.Select(a => $"{Unused(overload.Row, a)}{Parameter(a.Type)} {Passed(overload, a.Name)}"), " {");

    // A hint, such as whether a sort must be stable, need not change what a composite does.
    private static string Unused(OpRow row, Argument argument) => row.Kind == OpKind.Composite && !argument.IsTensor &&
        !argument.IsList && !Regex.IsMatch(row.Body, $@"\b{argument.Name}\b") ? "[[maybe_unused]] " : "";

    /// <summary>Whether `prepare` replaces an argument; never one that is written in place.</summary>
    public static bool IsPrepared(Overload overload, string name) =>
        overload.Row.Prepare.ContainsKey(name) && !(overload.IsInPlace && name == overload.Arguments[0].Name);

    /// <summary>What an argument is called before `prepare` replaces it.</summary>
    public static string Passed(Overload overload, string name) =>
        IsPrepared(overload, name) ? name + "_argument" : name;
}
