// Writes the C ABI's operators: c_api_ops.g.h, which c_api.h includes, and their implementation over the C++ functions.

namespace TorchScratch.OpGenerator;

internal static class CApiEmitter
{
    public static string Header(Table table) => Code.Format($$"""
        /*
         * The operators of the C ABI. {{Text.Banner}}
         * Part of c_api.h, which says how arguments are passed; include that.
         */
        #ifndef TORCHSCRATCH_C_API_OPS_H
        #define TORCHSCRATCH_C_API_OPS_H

        {{string.Join("\n\n", table.Enums.Select(EnumDeclaration))}}

        {{string.Join("\n\n", table.Families.Select(FamilyDeclarations))}}

        #endif

        """);

    private static string EnumDeclaration(EnumRow row)
    {
        var name = CName(row);
        return Code.Format($$"""
            /** {{row.Doc}} */
            typedef enum {{name}} {
              {{string.Join(",\n", row.Values.Select(value => $"{name.ToUpperInvariant()}_{value.Name.ToUpperInvariant()} = {value.Value}"))}}
            } {{name}};
            """);
    }

    // RoundingMode -> ts_rounding_mode
    private static string CName(EnumRow row) =>
        "ts" + string.Concat(row.Name.Select(letter => char.IsUpper(letter) ? "_" + char.ToLowerInvariant(letter) : letter.ToString()));

    private static string FamilyDeclarations(Family family) => Code.Format($$"""
        /* ---- {{family.Name}} {{new string('-', Text.Width - 12 - family.Name.Length)}} */

        {{Overloads(family).Select(overload => Documentation(overload) + "\n" + Text.Call($"TS_API ts_status {overload.CName}", Parameters(overload), ";"))}}
        """);

    private static IEnumerable<Overload> Overloads(Family family) =>
        family.Rows.Where(row => row.Home != Home.Internal).SelectMany(row => row.Overloads);

    private static string Documentation(Overload overload)
    {
        var notes = overload.Arguments
            .Select(a => (a.Name, Text: a.HasOwnDoc ? a.Doc! : a.Type.Enum is { } values ? $"one of {CName(values)}" : ""))
            .Where(note => note.Text.Length > 0).SelectMany(note => Text.Wrap($"@param {note.Name} {note.Text}", " * ")).ToList();
        var doc = (overload.IsInPlace ? "In place: " : "") + overload.Row.Doc;
        return notes.Count == 0 && doc.Length + 7 <= Text.Width
            ? $"/** {doc} */"
            : string.Join('\n', ["/**", .. Text.Wrap(doc, " * "), .. notes, " */"]);
    }

    private static IEnumerable<string> Parameters(Overload overload)
    {
        var outputs = overload.IsInPlace ? [] : overload.Row.Results
            .Select(result => (result.Type.Kind == TypeKind.TensorList ? "ts_tensor_list* " : "ts_tensor* ") + OutputName(overload.Row, result));
        return overload.Arguments.Select(Parameter).Concat(outputs);
    }

    private static string OutputName(OpRow row, Result result) => row.Results.Count == 1 ? "out" : result.Name;

    private static string Parameter(Argument argument) => argument.Type switch
    {
        { Kind: TypeKind.Tensor } => $"ts_tensor {argument.Name}",
        { Kind: TypeKind.TensorList } => $"const ts_tensor* {argument.Name}, int32_t {argument.Name}_count",
        { Kind: TypeKind.IntList } => $"const int64_t* {argument.Name}, int32_t {argument.Name}_count",
        { Kind: TypeKind.Scalar, IsOptional: true } => $"ts_optional_scalar {argument.Name}",
        { Kind: TypeKind.Scalar } => $"ts_scalar {argument.Name}",
        { Kind: TypeKind.Int, IsOptional: true } => $"ts_optional_int {argument.Name}",
        { Kind: TypeKind.Int } => $"int64_t {argument.Name}",
        { Kind: TypeKind.Float, IsOptional: true } => $"ts_optional_double {argument.Name}",
        { Kind: TypeKind.Float } => $"double {argument.Name}",
        { Kind: TypeKind.String } => $"const char* {argument.Name}",
        _ => $"int32_t {argument.Name}",
    };

    public static string Source(Table table) => Code.Format($$"""
        // The operators of the C ABI over the C++ functions.
        // {{Text.Banner}}
        #include <tuple>
        #include <utility>

        #include "c_api/convert.h"
        #include "torchscratch/c_api.h"
        #include "torchscratch/ops.g.h"

        using namespace ts::c_api;

        {{string.Join("\n\n", table.PublicOverloads.Select(Function))}}

        """);

    private static string Function(Overload overload)
    {
        var row = overload.Row;
        var call = $"ts::{overload.Name}({string.Join(", ", overload.Arguments.Select(Converted).Select(Text.Whole))})";
        IEnumerable<string> body = (overload.IsInPlace, row.Results) switch
        {
            (true, _) => [$"{call};"],
            (_, [{ Type.Kind: TypeKind.TensorList }]) => [$"*out = to_list_handle({call});"],
            (_, [_]) => [$"*out = to_handle({call});"],
            (_, var several) => [$"auto results = {call};", .. several.Select((result, i) => $"*{result.Name} = to_handle(std::move(std::get<{i}>(results)));")],
        };
        return Code.Format($$"""
            {{Text.Call($"ts_status {overload.CName}", Parameters(overload), " {")}}
              return guard([&] {
                {{body.Select(statement => Text.Fold(statement, 4))}}
              });
            }
            """);
    }

    private static string Converted(Argument argument) => argument.Type switch
    {
        { Kind: TypeKind.Tensor } => $"borrow({argument.Name})",
        { Kind: TypeKind.TensorList } => $"borrow_list({argument.Name}, {argument.Name}_count)",
        { Kind: TypeKind.IntList, IsOptional: true } => $"to_optional_int_list({argument.Name}, {argument.Name}_count)",
        { Kind: TypeKind.IntList } => $"to_int_list({argument.Name}, {argument.Name}_count)",
        { Kind: TypeKind.DType, IsOptional: true } => $"to_optional_dtype({argument.Name})",
        { Kind: TypeKind.DType } => $"to_dtype({argument.Name})",
        { IsOptional: true } => $"to_optional({argument.Name})",
        { Kind: TypeKind.Scalar } => $"to_scalar({argument.Name})",
        { Kind: TypeKind.Bool } => $"{argument.Name} != 0",
        { Kind: TypeKind.String } => $"to_text({argument.Name}, \"{argument.Name}\")",
        { Kind: TypeKind.Enum } => $"to_enum<ts::{argument.Type.Enum!.Name}>({argument.Name}, {argument.Type.Enum.Values.Max(value => value.Value)}, \"{argument.Name}\")",
        _ => argument.Name,
    };
}
