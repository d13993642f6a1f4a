// Writes the operators of the C ABI: c_api_ops.g.h, which c_api.h includes, and their definitions, one file per family.
// The definitions do not include that header, so that changing a row rebuilds only its own family.

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

        {{Text.Sections(table.Enums.Select(Declaration))}}

        {{Text.Sections(table.Families.Select(Declarations))}}

        #endif

        """);

    private static string Declaration(EnumRow row)
    {
        var prefix = CName(row).ToUpperInvariant();
        var values = row.Values.Select(value => $"{prefix}_{value.Name.ToUpperInvariant()} = {value.Value}");
        return Code.Format($$"""
            /** {{row.Doc}} */
            typedef enum {{CName(row)}} {
              {{string.Join(",\n", values)}}
            } {{CName(row)}};
            """);
    }

    // RoundingMode -> ts_rounding_mode
    private static string CName(EnumRow row) =>
        "ts" + string.Concat(row.Name.Select(c => char.IsUpper(c) ? $"_{char.ToLowerInvariant(c)}" : c.ToString()));

    private static string Declarations(Family family) => Code.Format($$"""
        /* ---- {{family.Name}} {{new string('-', Text.Width - 12 - family.Name.Length)}} */

        {{family.PublicOverloads.Select(Declaration)}}
        """);

    private static string Declaration(Overload overload)
    {
        var doc = (overload.Row.InPlace == InPlace.Also && overload.IsInPlace ? "In place: " : "") + overload.Row.Doc;
        string[] notes = [.. overload.Arguments.SelectMany(Notes)];
        return Code.Format($$"""
            {{(notes.Length == 0 && doc.Length + 7 <= Text.Width
                ? [$"/** {doc} */"]
                : ["/**", $" * {doc}", .. notes, " */"])}}
            {{Head(overload)}};
            """);
    }

    private static IEnumerable<string> Notes(Argument argument) =>
        argument.HasOwnDoc ? [$" * @param {argument.Name} {argument.Doc}"]
        : argument.Type.Enum is { } row ? [$" * @param {argument.Name} one of {CName(row)}"]
        : [];

    private static string Head(Overload overload)
    {
        var results = overload.IsInPlace ? [] : overload.Row.Results;
        var outputs = results.Select(result => result.IsList ? "ts_tensor_list* out"
            : results.Count > 1 ? $"ts_tensor* {result.Name}" : "ts_tensor* out");
        var parameters = Text.List(overload.Arguments.Select(Parameter).Concat(outputs));
        return $"TS_API ts_status {overload.CName}({parameters})";
    }

    private static string Parameter(Argument argument) => argument.Type switch
    {
        { Kind: TypeKind.TensorList } => $"const ts_tensor* {argument.Name}, int32_t {argument.Name}_count",
        { Kind: TypeKind.IntList } => $"const int64_t* {argument.Name}, int32_t {argument.Name}_count",
        { Kind: TypeKind.IntBuffer or TypeKind.FloatBuffer } type =>
            $"{type.Names.C} {argument.Name}, int32_t {argument.Name}_count",
        { IsOptional: true, Kind: TypeKind.Scalar or TypeKind.Int or TypeKind.Float } type =>
            $"ts_optional_{type.Kind.ToString().ToLowerInvariant().Replace("float", "double")} {argument.Name}",
        var type => $"{type.Names.C} {argument.Name}",
    };

    public static string Source(Family family) =>
        CppEmitter.Source($"{family.Name}: the operators of the C ABI over the C++ functions.",
            ["<tuple>", "<utility>", "c_api/convert.h", .. family.PublicRows.Select(CppEmitter.HeaderOf)], "ts::c_api",
            $"extern \"C\" {{\n\n{Text.Sections(family.PublicOverloads.Select(Definition))}\n\n}}  // extern \"C\"");

    private static string Definition(Overload overload)
    {
        var call = $"ts::{overload.Name}({Text.List(overload.Arguments.Select(Converted))})";
        IEnumerable<string> body = (overload.IsInPlace, overload.Row.Results) switch
        {
            (true, _) or (_, []) => [$"{call};"],
            (_, [var single]) => [$"*out = {(single.IsList ? "to_list_handle" : "to_handle")}({call});"],
            (_, var several) => several
                .Select((result, i) => $"*{result.Name} = to_handle(std::move(std::get<{i}>(results)));")
                .Prepend($"auto results = {call};"),
        };
        return Code.Format($$"""
            {{Head(overload)}} {
              return guard("{{overload.Name}}", [&] {
                {{body}}
              });
            }
            """);
    }

    private static string Converted(Argument argument)
    {
        var name = argument.Name;
        return argument.Type switch
        {
            { Kind: TypeKind.Tensor } => $"borrow({name})",
            { Kind: TypeKind.TensorList } => $"borrow_list({name}, {name}_count)",
            { Kind: TypeKind.IntList, IsOptional: true } => $"to_optional_int_list({name}, {name}_count)",
            { Kind: TypeKind.IntList } => $"to_int_list({name}, {name}_count)",
            { Kind: TypeKind.IntBuffer or TypeKind.FloatBuffer } => $"to_span({name}, {name}_count, \"{name}\")",
            { Kind: TypeKind.DType, IsOptional: true } => $"to_optional_dtype({name})",
            { Kind: TypeKind.DType } => $"to_dtype({name})",
            { Kind: TypeKind.Device, IsOptional: true } => $"to_optional_device({name})",
            { Kind: TypeKind.Device } => $"to_device({name})",
            { IsOptional: true } => $"to_optional({name})",
            { Kind: TypeKind.Scalar } => $"to_scalar({name})",
            { Kind: TypeKind.Bool } => $"{name} != 0",
            { Kind: TypeKind.String } => $"to_text({name}, \"{name}\")",
            { Enum: { } row } => $"to_enum<ts::{row.Name}>({name}, {row.Values.Max(value => value.Value)}, \"{name}\")",
            _ => name,
        };
    }
}
