// Parses a network as PyTorch prints it.

using TorchScratch.Conformance.Fixtures;

namespace TorchScratch.Conformance.Training;

/// <summary>One module of the text: Type(arguments) with its children.</summary>
internal sealed record NetworkText(string Type, object?[] Arguments, Dictionary<string, object?> Options,
    List<(string Name, NetworkText Module)> Children)
{
    /// <summary>A child by its name.</summary>
    public NetworkText this[string name] => Children.First(child => child.Name == name).Module;

    public static NetworkText Parse(string text)
    {
        var position = 0;
        return Parse(text, ref position);
    }

    // Type( then either arguments up to ), or lines " (name): Type(...)" up to ).
    private static NetworkText Parse(string text, ref int at)
    {
        var open = text.IndexOf('(', at);
        var module = new NetworkText(text[at..open], [], [], []);
        at = open + 1;
        var (positional, begin, depth) = (new List<object?>(), at, 0);
        for (; ; at++)
        {
            var c = text[at];
            if (c == '\n')
            {
                SkipSpace(text, ref at);
                while (text[at] == '(')
                {
                    var close = text.IndexOf("): ", at, StringComparison.Ordinal);
                    var name = text[(at + 1)..close];
                    at = close + 3;
                    module.Children.Add((name, Parse(text, ref at)));
                    SkipSpace(text, ref at);
                }
                begin = at;
                c = text[at];
            }
            if (c == '(')
                depth++;
            else if (depth > 0 && c == ')')
                depth--;
            else if (depth == 0 && c is ',' or ')')
            {
                Add(module, positional, text[begin..at].Trim());
                begin = at + 1;
                if (c == ')')
                    break;
            }
        }
        at++;
        return module with { Arguments = [.. positional] };
    }

    private static void Add(NetworkText module, List<object?> positional, string argument)
    {
        if (argument.Length == 0)
            return;
        var equals = argument.IndexOf('=', StringComparison.Ordinal);
        if (equals < 0)
            positional.Add(Value(argument));
        else
            module.Options.Add(argument[..equals], Value(argument[(equals + 1)..]));
    }

    private static object? Value(string text) => text switch
    {
        "None" => null,
        "True" => true,
        "False" => false,
        ['(', .. var items, ')'] => items.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(Value).ToArray(),
        _ when long.TryParse(text, CultureInfo.InvariantCulture, out var integer) => integer,
        _ when double.TryParse(text, CultureInfo.InvariantCulture, out var number) => number,
        ['\'', .. var word, '\''] => word,
        _ => text,
    };

    private static void SkipSpace(string text, ref int at)
    {
        while (char.IsWhiteSpace(text[at]))
            at++;
    }
}
