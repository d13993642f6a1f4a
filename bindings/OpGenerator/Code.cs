// Text: templates that keep their indentation, the repository's line width, and how names change from language to
// language.

using System.Runtime.CompilerServices;
using System.Text;
using System.Text.RegularExpressions;

namespace TorchScratch.OpGenerator;

/// <summary>
/// Formats a raw string literal the way it looks: further lines of a hole take the indentation of the line it stands
/// on, and a line that holds nothing but an empty hole vanishes.
/// </summary>
[InterpolatedStringHandler]
internal ref struct Code(int literalLength, int holeCount)
{
    private readonly StringBuilder text = new(literalLength + (64 * holeCount));
    private bool vanishing;

    public static string Format(Code code)
    {
        if (code.vanishing)
            code.text.Length -= Math.Min(code.text.Length, code.CurrentLine().Length + 1);
        return code.text.ToString();
    }

    public void AppendLiteral(string literal)
    {
        literal = literal.Replace("\r", "");  // a checkout may have changed the line ends of this very source
        if (vanishing && literal.StartsWith('\n'))
        {
            text.Length -= CurrentLine().Length;
            literal = literal[1..];
        }
        vanishing = false;
        text.Append(literal);
    }

    public void AppendFormatted(IEnumerable<string> lines) => AppendFormatted(string.Join('\n', lines));

    public void AppendFormatted(string hole)
    {
        var line = CurrentLine();
        vanishing = hole.Length == 0 && string.IsNullOrWhiteSpace(line);
        var indentation = line[..^line.TrimStart().Length];
        text.AppendJoin('\n', hole.Split('\n').Select((part, i) => i > 0 && part.Length > 0 ? indentation + part : part));
    }

    private readonly string CurrentLine()
    {
        var start = text.Length;
        while (start > 0 && text[start - 1] != '\n')
            start--;
        return text.ToString(start, text.Length - start);
    }
}

internal static partial class Text
{
    public const int Width = 120;

    /// <summary>max_pool2d -> MaxPool2d</summary>
    public static string Pascal(string name) =>
        string.Concat(name.Split('_').Select(word => char.ToUpperInvariant(word[0]) + word[1..]));

    /// <summary>fill_value -> fillValue</summary>
    public static string Camel(string name) => char.ToLowerInvariant(name[0]) + Pascal(name)[1..];

    /// <summary>"Linear algebra" -> linear_algebra</summary>
    public static string Slug(string title) => title.ToLowerInvariant().Replace(' ', '_');

    /// <summary>The first sentence.</summary>
    public static string Summary(string doc) => doc.Split(". ") is [var first, _, ..] ? first + "." : doc;

    /// <summary>What follows the first sentence.</summary>
    public static string Remainder(string doc) => doc[Summary(doc).Length..].Trim();

    public static string List(IEnumerable<string> items) => string.Join(", ", items);

    /// <summary>Parts of a file, an empty line between them.</summary>
    public static string Sections(IEnumerable<string> items) => string.Join("\n\n", items);

    /// <summary>Breaks running text into lines that begin with <paramref name="prefix"/>.</summary>
    public static IEnumerable<string> Wrap(string text, string prefix, int indentation = 0)
    {
        var width = Width - indentation - prefix.Length;
        var line = "";
        foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > width)
            {
                yield return prefix + line;
                line = "";
            }
            line += line.Length > 0 ? " " + word : word;
        }
        yield return prefix + line;
    }

    /// <summary>head(items)tail, folded between items only.</summary>
    public static string Call(string head, IEnumerable<string> items, string tail, int indentation = 0) =>
        Fold($"{Whole(head)}({List(items.Select(Whole))}){tail}", indentation);

    /// <summary>Keeps Fold from breaking inside.</summary>
    public static string Whole(string code) => code.Replace(' ', '\u00a0');

    /// <summary>Breaks a statement that is too long behind commas and operators, and indents what follows.</summary>
    public static string Fold(string statement, int indentation = 0)
    {
        var (lines, line) = (new StringBuilder(), "");
        foreach (var piece in BreakPoint().Split(statement))
        {
            if (line.Length > 0 && indentation + line.Length + 1 + piece.Length > Width)
            {
                lines.Append(line).Append('\n');
                line = "    " + piece;
            }
            else
            {
                line += line.Length > 0 ? " " + piece : piece;
            }
        }
        return lines.Append(line).Replace('\u00a0', ' ').ToString();
    }

    /// <summary>The line at the head of every generated file, behind the language's comment sign.</summary>
    public const string Banner = "Generated by bindings/OpGenerator from native/ops.yaml; do not edit.";

    [GeneratedRegex(@"(?<=,|\|\|| &&| \*| =) ")]
    private static partial Regex BreakPoint();
}
