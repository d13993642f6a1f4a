// Writes the reference: a page for each family, and the index.

namespace TorchScratch.OpGenerator;

internal static class DocsEmitter
{
    public static string Index(Table table) => Code.Format($$"""
        # Operators

        <!-- {{Text.Banner}} -->

        Every operator of TorchScratch, by family. Names are PyTorch's. C# begins each word of a name with a capital
        letter, also where PyTorch joins words: `matmul` is `MatMul`. A method of a tensor has a static form too,
        `Tensor.Relu(x)` for `x.Relu()`; sizes and dimensions may be numbers, lists, arrays or tuples.

        | family | operators |
        | --- | --- |
        {{table.Families.Select(Line)}}

        """);

    private static string Line(Family family)
    {
        // GitHub's anchors have no dots.
        var links = family.PublicRows.Select(row => $"[{row.Title}]({family.Slug}.md#{row.Title.Replace(".", "")})");
        return $"| [{family.Name}]({family.Slug}.md) | {Text.List(links)} |";
    }

    public static string Page(Family family)
    {
        string[] parts = [.. family.Rows.Where(row => !row.IsPublic).Select(row => $"- `{row.Signature}`: {row.Doc}")];
        return Code.Format($$"""
            # {{family.Name}}

            <!-- {{Text.Banner}} -->

            {{family.Doc}}

            {{(family.PublicRows.Any(row => row.Example is not null) ? Operands : "")}}
            {{Text.Sections(family.PublicRows.Select(Section))}}
            {{(parts.Length > 0 ? "\n## Internal\n\nWhat the operators above are made of; C++ only.\n" : "")}}
            {{parts}}

            """);
    }

    // The same definitions as in tests/managed/ReferenceTests.cs.
    private const string Operands = """
        The examples use these tensors:

        ```csharp
        var x = Tensor.FromArray([1f, 2f, 3f]);
        var y = Tensor.FromArray([0.5f, -1f, 2f]);
        var m = Tensor.FromArray(new[,] { { 1f, 2f }, { 3f, 4f } });
        var n = Tensor.FromArray([6L, 3L, 4L]);
        var i = Tensor.FromArray([0L, 1L]);
        var b = Tensor.FromArray([true, false, true]);
        var image = Tensor.Arange(16f).Reshape(1, 1, 4, 4);
        ```

        """;

    private static string Section(OpRow row) => Code.Format($$"""
        ## {{row.Title}}

        {{row.Doc}}

        ```cpp
        {{row.Overloads.Select(overload => Text.Fold(CppTypes.Declaration(overload)))}}
        ```

        {{(row.Home == Home.Native ? "" : $"```csharp\n{string.Join('\n', row.Overloads.Select(overload => Text.Fold(CSharpEmitter.Signature(overload) + ";")))}\n```\n")}}
        {{(row.Example is { } example ? $"```csharp\n{example.Code}\n// {example.Output}\n```\n" : "")}}
        {{row.Arguments.Where(a => a.Doc is not null).Select(a => $"- `{a.Name}`: {a.Doc}")}}
        - {{Fact(row)}}
        {{AutocastEmitter.Fact(row)}}
        {{row.Gradients.Select(gradient => $"- Gradient of {Text.List(gradient.Arguments.Select(name => $"`{name}`"))}: " +
            $"`{gradient.Formula}`{(gradient.Comment.Length > 0 ? ", " : "")}{gradient.Comment}")}}
        """);

    private static string Fact(OpRow row) => row.Kind switch
    {
        OpKind.Pointwise => "Element type: " + row.Rule switch
        {
            "promoted" => "the promoted type of the operands.",
            "no_bool" => "the promoted type of the operands, which must not be bool.",
            "floating" => "the promoted type of the operands; integers become the default floating type.",
            "integral" => "the promoted type of the operands, which must be integers or bool.",
            _ => "bool.",
        },
        OpKind.Structured when row.IsStep => "Changes parameters, states and counts in place.",
        OpKind.Structured when row.InPlace == InPlace.Only => "Changes its operand and returns it.",
        OpKind.Structured => $"Element type: {Text.List(row.Results.Select(result => ElementType(row, result)))}.",
        OpKind.View => "The result shares the memory of its operand.",
        _ when row.Body == "true" => $"Composed of other operators, in the C++ function `{row.Overloads[0].Function}`.",
        _ => $"Composed of other operators: `{row.Body}`.",
    };

    private static string ElementType(OpRow row, Result result)
    {
        var expression = row.DTypes[result.Name];
        var type = expression.EndsWith(".dtype()", StringComparison.Ordinal) ? $"that of `{expression[..^8]}`"
            : expression.StartsWith("DType::", StringComparison.Ordinal) ? expression[7..].ToLowerInvariant()
            : $"`{expression}`";
        return row.Results.Count > 1 ? $"{type} for {result.Name}" : type;
    }
}
