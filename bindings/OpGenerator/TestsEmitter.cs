// Writes the registry that the property tests walk: every public function of the table, what it takes and how to call
// it. Internal rows trust the operators that are made of them, and are reached through those.

namespace TorchScratch.OpGenerator;

internal static class TestsEmitter
{
    public static string Registry(Table table) => Code.Format($$"""
        // Every operator as data: its arguments, and how to call it with a list of values.
        // {{Text.Banner}}
        #include "op_calls.h"

        // clang-format off
        namespace ts::test {

        const std::vector<OpCall>& op_calls() {
          using L = std::vector<std::int64_t>;
          static const std::vector<OpCall> calls = {
            {{table.PublicOverloads.Select(Entry)}}
          };
          return calls;
        }

        }  // namespace ts::test

        """);

    private static string Entry(Overload overload)
    {
        var passed = overload.Arguments.Select((a, i) => $"as<{Type(a.Type)}>(v[{i}])");
        var arguments = Text.List(overload.Arguments.Select(Description));
        var flags = $"{Flag(overload.IsInPlace)}, {Flag(overload.Row.Kind == OpKind.Pointwise)}";
        return Code.Format($$"""
            {"{{overload.Row.Title}}", "{{overload.Name}}", {{flags}},
             { {{arguments}} },
             [](const Values& v) { return pack({{overload.Name}}({{Text.List(passed)}})); } },
            """);
    }

    private static string Description(Argument argument)
    {
        var kind = argument.Type.Kind == TypeKind.TensorList ? "TensorList" : argument.Type.Kind.ToString();
        var choices = argument.Type.Enum?.Values.Max(value => value.Value) + 1 ?? argument.Type.Length;
        return $"{{\"{argument.Name}\", ArgumentKind::{kind}, {Flag(argument.Type.IsOptional)}, " +
            $"{Flag(argument.Default is not null)}, {choices}, {Initial(argument)}}}";
    }

    private static string Initial(Argument argument) => argument.Type.Kind switch
    {
        _ when argument.Default is null or "None" => "{}",
        TypeKind.Scalar => $"Scalar({argument.Default})",
        TypeKind.Int => $"std::int64_t{{{argument.Default}}}",
        TypeKind.IntList => $"L{{{CppTypes.Repeat(argument)}}}",
        TypeKind.Float => $"double{{{argument.Default}}}",
        TypeKind.Enum => $"static_cast<std::int64_t>({argument.Type.Enum!.Name}::{Text.Pascal(argument.Default)})",
        _ => argument.Default,
    };

    private static string Type(OpType type) =>
        type.Kind == TypeKind.TensorList ? "TensorList"
        : type.Kind == TypeKind.Tensor ? "Tensor"
        : CppTypes.Parameter(type).Replace("const ", "").Replace("&", "");

    private static string Flag(bool value) => value ? "true" : "false";
}
