// Finds special tokens in a text.

namespace TorchScratch.Data;

/// <summary>Divides a text at its special tokens; if two begin at the same position, the longer one is taken.</summary>
internal static class SpecialParts
{
    /// <summary>
    /// The parts in order; Special is the index of a special token in the list, or -1 for plain text.
    /// </summary>
    public static IEnumerable<(int Start, int Length, int Special)> Find(string text, string[] special)
    {
        // The next occurrence of each; searched again only after it has been passed, so the text is
        // scanned once for each.
        var next = Array.ConvertAll(special, token => text.IndexOf(token, StringComparison.Ordinal));
        var start = 0;
        while (true)
        {
            var found = -1;
            for (var i = 0; i < special.Length; i++)
            {
                if (next[i] >= 0 && next[i] < start)
                    next[i] = text.IndexOf(special[i], start, StringComparison.Ordinal);
                if (next[i] >= 0 && (found < 0 || next[i] < next[found] ||
                    (next[i] == next[found] && special[i].Length > special[found].Length)))
                {
                    found = i;
                }
            }
            var end = found < 0 ? text.Length : next[found];
            if (end > start)
                yield return (start, end - start, -1);
            if (found < 0)
                yield break;
            yield return (end, special[found].Length, found);
            start = end + special[found].Length;
        }
    }
}
