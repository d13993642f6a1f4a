// Where special tokens stand in a text.

namespace TorchScratch.Data;

/// <summary>Cuts a text at the special tokens in it; where two begin at the same place, the longer counts.</summary>
internal static class SpecialParts
{
    /// <summary>The parts in order: plain text with Special -1, or the place of a special token in the list.</summary>
    public static IEnumerable<(int Start, int Length, int Special)> Find(string text, string[] special)
    {
        // Where each occurs next; looked for again only when passed, so that the text is read once for each of them.
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
