// The C++ expressions in the table: the names that they use, and how they are rewritten for the generated code.

using System.Text.RegularExpressions;

namespace TorchScratch.OpGenerator;

internal static partial class Expressions
{
    private static readonly string[] Constants = ["true", "false", "nullptr"];

    /// <summary>
    /// Replaces variables (together with the attribute read from them, such as `sizes` in self.sizes(), or "") and
    /// function names. Members, qualified names, types (capitalized) and constants are kept.
    /// </summary>
    public static string Rewrite(
        string expression, Func<string, string, string> variable, Func<string, string>? function = null) =>
        Token().Replace(expression, match =>
        {
            var (name, call) = (match.Groups["name"].Value, match.Groups["call"].Value);
            return call.Length > 0 && !char.IsUpper(call[0]) && function is not null ? function(call)
                : name.Length == 0 || char.IsUpper(name[0]) || Constants.Contains(name) ? match.Value
                : variable(name, match.Groups["attribute"].Value);
        });

    /// <summary>A `prepare` expression refers to arguments as they were passed, so it gets their names there.</summary>
    public static string OfPassed(Overload overload, string expression) =>
        Rewrite(expression, (name, attribute) => Read(CppTypes.Passed(overload, name), attribute));

    /// <summary>A `shape` or `dtype` expression calls functions of ts::infer.</summary>
    public static string OfInfer(string expression) => Rewrite(expression, Read, name => "infer::" + name);

    /// <summary>The operators of the family, and those that its expressions call.</summary>
    public static IEnumerable<OpRow> OperatorsOf(Table table, Family family)
    {
        var expressions = family.Rows.SelectMany(row => (string[])
            [row.HasKernel ? "" : row.Body, row.InPlaceBody, .. row.Prepare.Values, .. row.Gradients.Select(gradient => gradient.Formula)]);
        // An operand that is overwritten in place is saved as a clone.
        var called = expressions.SelectMany(text => Call().Matches(text)).Select(match => match.Value).Append("clone").ToHashSet();
        return table.Rows.Where(row => family.Rows.Contains(row) || called.Contains(row.Name) || called.Contains(row.Name + "_"));
    }

    /// <summary>Throws if an expression of the row uses an unknown name.</summary>
    public static void Check(OpRow row)
    {
        IEnumerable<string> bodies = row.Kind is OpKind.View or OpKind.Composite ? [row.Body, row.InPlaceBody] : [];
        foreach (var expression in (IEnumerable<string>)
            [.. bodies, .. row.Prepare.Values, .. row.Shapes.Values, .. row.DTypes.Values])
        {
            Rewrite(expression, (name, _) => row.Arguments.Any(a => a.Name == name) ? name
                : throw new TableException($"`{expression}` uses `{name}`, which is not an argument; {Known(row)}"));
        }
        foreach (var expression in (IEnumerable<string>)[.. row.Shapes.Values, .. row.DTypes.Values])
            Rewrite(expression, (name, attribute) => CheckGiven(row, expression, name, attribute));
        foreach (var overload in row.Overloads)
            NodePlan.Of(overload);
    }

    private static string CheckGiven(OpRow row, string expression, string name, string attribute) =>
        attribute.Length == 0 || row.Arguments.Any(a => a.Name == name && !a.Type.IsOptional) ? name
        : throw new TableException($"`{expression}` reads {attribute}() of `{name}`, which callers may leave out; pass `{name}` itself");

    /// <summary>The end of every message about an unknown name.</summary>
    public static string Known(OpRow row) =>
        $"its arguments are {Text.List(row.Arguments.Select(a => a.Name))}, and a function has its ( right behind it";

    public static string Read(string name, string attribute) => attribute.Length > 0 ? $"{name}.{attribute}()" : name;

    [GeneratedRegex(@"\b\w+(?=\()")]
    private static partial Regex Call();

    [GeneratedRegex("""
          "(?:\\.|[^"\\])*"                           # a text
        | (?:\d|\.\d)(?:[eE][+-]|[\w.])*              # a number
        | (?:\.|->|::)\s*[A-Za-z_]\w*                 # a member, or the last part of a qualified name
        | [A-Za-z_]\w*(?=\s*::)                       # its first part
        | (?<name>[A-Za-z_]\w*)\.(?<attribute>sizes|strides|dtype|numel|dim|device|storage_offset)\(\)
        | (?<call>[A-Za-z_]\w*)(?=\s*[({])
        | (?<name>[A-Za-z_]\w*)
        """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Token();
}
