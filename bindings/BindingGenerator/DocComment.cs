// Turns a C doc comment into C# XML documentation.

using System.Text.RegularExpressions;

namespace TorchScratch.BindingGenerator;

/// <summary>
/// The text of a <c>/** */</c> or <c>///</c> comment without the comment markers. Understands <c>@brief</c>,
/// <c>@param name</c>, <c>@return</c> and our own tag <c>@fast</c>.
/// </summary>
internal sealed partial class DocComment
{
    private readonly List<(string Open, string Close, List<string> Lines)> sections = [];

    /// <summary>Tagged <c>@fast</c>: short, never blocks and never calls back, so no GC transition is needed.</summary>
    public bool IsFast { get; }

    public DocComment(string? raw)
    {
        raw ??= "";
        IsFast = FastMark().IsMatch(raw);

        Begin("summary", "");
        foreach (var line in FastMark().Replace(raw, "").Split('\n'))
            Add(Decoration().Replace(line, "").Trim());
    }

    public IEnumerable<string> XmlLines()
    {
        foreach (var (open, close, lines) in sections)
        {
            while (lines.Count > 0 && lines[^1].Length == 0)
                lines.RemoveAt(lines.Count - 1);
            if (lines.Count == 0)
                continue;
            if (lines.Count == 1)
            {
                yield return $"/// {open}{lines[0]}{close}";
                continue;
            }
            yield return $"/// {open}";
            foreach (var line in lines)
                yield return $"/// {line}".TrimEnd();
            yield return $"/// {close}";
        }
    }

    private void Add(string line)
    {
        if (Command().Match(line) is { Success: true } command)
        {
            var name = command.Groups["name"].Value;
            if (name.Length > 0)
                Begin("param", $" name=\"{name}\"");
            else if (!command.Value.EndsWith("brief", StringComparison.Ordinal))
                Begin("returns", "");
            line = line[command.Length..].Trim();
        }
        var lines = sections[^1].Lines;
        if (line.Length > 0 || lines.Count > 0)
            lines.Add(line.Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;"));
    }

    private void Begin(string tag, string attributes) =>
        sections.Add(($"<{tag}{attributes}>", $"</{tag}>", []));

    [GeneratedRegex(@"[@\\]fast\b")]
    private static partial Regex FastMark();

    [GeneratedRegex(@"^\s*(/\*[*!]<?|//[/!]<?|\*(?!/))|\*/\s*$")]
    private static partial Regex Decoration();

    [GeneratedRegex(@"^[@\\](?:brief|returns?|param(?:\[[a-z,]+\])?\s+(?<name>\w+))")]
    private static partial Regex Command();
}
