// What was found, one entry for each kind of fault of a subject, with the shortest case.

using System.Text.RegularExpressions;

namespace TorchScratch.Fuzz;

internal sealed partial class Findings
{
    private readonly Dictionary<(string Subject, string Kind, string Pattern), Entry> _entries = [];

    public void Add(ulong seed, string subject, string kind, string message, string text)
    {
        var key = (subject, kind, Numbers().Replace(Line(message), "#"));
        if (!_entries.TryGetValue(key, out var entry))
        {
            _entries[key] = entry = new Entry(seed, message, text);
            Console.Error.WriteLine($"{kind}: {subject} (seed {seed}): {Line(message)}");
        }
        entry.Count++;
        if (text.Length < entry.Text.Length)
            (entry.Seed, entry.Message, entry.Text) = (seed, message, text);
    }

    /// <summary>Prints all and returns how many there are.</summary>
    public int Print()
    {
        foreach (var ((subject, kind, _), entry) in _entries.OrderBy(entry => entry.Key.Kind)
            .ThenBy(entry => entry.Key.Subject, StringComparer.Ordinal))
        {
            Console.WriteLine($"\n{kind}: {subject}, {entry.Count} times, --replay {entry.Seed}\n" +
                $"  {entry.Message.ReplaceLineEndings("\n  ")}\n  {entry.Text.ReplaceLineEndings("\n  ")}");
        }
        Console.WriteLine(_entries.Count == 0 ? "no findings" : $"\n{_entries.Count} findings");
        return _entries.Count;
    }

    private static string Line(string message) => message.Split('\n')[0];

    [GeneratedRegex(@"\d+|\([^)]*\)|""[^""]*""")]
    private static partial Regex Numbers();

    private sealed class Entry(ulong seed, string message, string text)
    {
        public ulong Seed { get; set; } = seed;

        public string Message { get; set; } = message;

        public string Text { get; set; } = text;

        public int Count { get; set; }
    }
}
