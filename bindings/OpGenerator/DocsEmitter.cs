// Writes the reference: a page for each family, and the index.

namespace TorchScratch.OpGenerator;

internal static class DocsEmitter
{
    public static string Index(Table table) => Code.Format($$"""
        # Operators

        <!-- {{Text.Banner}} -->

        Every operator of TorchScratch, by family. Names and arguments are PyTorch's; C# writes them in PascalCase.

        | family | operators |
        | --- | --- |
        {{table.Families.Select(family => $"| [{family.Name}]({family.Slug}.md) | {string.Join(", ", Public(family).Select(row => $"[{row.Title}]({family.Slug}.md#{Anchor(row)})"))} |")}}

        """);

    private static IEnumerable<OpRow> Public(Family family) => family.Rows.Where(row => row.Home != Home.Internal);

    // GitHub's form of a heading.
    private static string Anchor(OpRow row) => row.Title.Replace(".", "");

    public static string Page(Family family)
    {
        var inner = family.Rows.Where(row => row.Home == Home.Internal).Select(row => $"- `{row.Signature}`: {row.Doc}").ToList();
        return Code.Format($$"""
            # {{family.Name}}

            <!-- {{Text.Banner}} -->

            {{family.Doc}}

            {{string.Join("\n\n", Public(family).Select(Section))}}

            {{(inner.Count > 0 ? "## Internal\n\nWhat the rows above are made of; C++ only." : "")}}

            {{inner}}

            """).TrimEnd() + "\n";
    }

    private static string Section(OpRow row) => Code.Format($$"""
        ## {{row.Title}}

        {{row.Doc}}

        ```cpp
        {{row.Overloads.Select(overload => CppTypes.Declaration(overload))}}
        ```

        ```csharp
        {{row.Overloads.Select(overload => CSharpEmitter.Signature(overload) + ";")}}
        ```

        {{row.Arguments.Where(a => a.Doc is not null).Select(a => $"- `{a.Name}`: {a.Doc}")}}
        {{Facts(row).Select(fact => "- " + fact)}}
        """);

    private static string ElementType(string expression) =>
        expression.EndsWith(".dtype()") ? $"that of `{expression[..^8]}`"
        : expression.StartsWith("DType::") ? expression[7..].ToLowerInvariant()
        : $"`{expression}`";

    private static IEnumerable<string> Facts(OpRow row)
    {
        switch (row.Kind)
        {
            case OpKind.Pointwise:
                yield return "Element type: " + row.Rule switch
                {
                    "promoted" => "the promoted type of the operands.",
                    "no_bool" => "the promoted type of the operands, which must not be bool.",
                    "floating" => "the promoted type of the operands; integers become the default floating type.",
                    "integral" => "the promoted type of the operands, which must be integers or bool.",
                    _ => "bool.",
                };
                break;
            case OpKind.Structured:
                yield return "Element type: " + string.Join(", ", row.Results.Select(result =>
                    ElementType(row.DTypes[result.Name]) + (row.Results.Count > 1 ? $" for {result.Name}" : ""))) + ".";
                break;
            case OpKind.View:
                yield return "The result shares the memory of its operand.";
                break;
            default:
                yield return $"Composed of other operators: `{row.Body}`.";
                break;
        }
        foreach (var gradient in row.Gradients)
        {
            var comment = gradient.Comment.Length > 0 ? $", {gradient.Comment}" : "";
            yield return $"Gradient of {string.Join(", ", gradient.Arguments.Select(name => $"`{name}`"))}: `{gradient.Formula}`{comment}";
        }
    }
}
