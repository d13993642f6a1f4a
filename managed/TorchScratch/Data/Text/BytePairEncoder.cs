// Applies merges to a word.

namespace TorchScratch.Data;

/// <summary>
/// Replaces neighbours by their merge, always the earliest learned first. A queue of candidates over a linked list keeps
/// words of any length from taking quadratic time.
/// </summary>
internal sealed class BytePairEncoder
{
    // Words of this length or less are searched anew after each merge, which is faster for a few bytes.
    private const int ShortWord = 24;

    private readonly Dictionary<(int, int), int> _ranks;

    public BytePairEncoder(ReadOnlySpan<(int Left, int Right)> merges)
    {
        _ranks = new Dictionary<(int, int), int>(merges.Length);
        for (var rank = 0; rank < merges.Length; rank++)
        {
            var (left, right) = merges[rank];
            if ((uint)left >= (uint)(256 + rank) || (uint)right >= (uint)(256 + rank))
                throw new ArgumentException($"merge {rank} is of tokens {left} and {right}, expected 0 to {255 + rank}", nameof(merges));
            if (!_ranks.TryAdd((left, right), rank))
                throw new ArgumentException($"merge {rank} of tokens {left} and {right} is there twice", nameof(merges));
        }
    }

    /// <summary>Adds the tokens of a word to a list.</summary>
    public void Encode(ReadOnlySpan<byte> word, List<int> tokens)
    {
        if (word.Length <= ShortWord)
            EncodeShort(word, tokens);
        else
            EncodeLong(word, tokens);
    }

    internal void EncodeShort(ReadOnlySpan<byte> word, List<int> tokens)
    {
        Span<int> parts = stackalloc int[ShortWord];
        var count = word.Length;
        for (var i = 0; i < count; i++)
            parts[i] = word[i];
        while (true)
        {
            var (best, place) = (int.MaxValue, -1);
            for (var i = 0; i + 1 < count; i++)
            {
                if (_ranks.TryGetValue((parts[i], parts[i + 1]), out var rank) && rank < best)
                    (best, place) = (rank, i);
            }
            if (place < 0)
                break;
            parts[place] = 256 + best;
            parts[(place + 2)..count].CopyTo(parts[(place + 1)..]);
            count--;
        }
        foreach (var part in parts[..count])
            tokens.Add(part);
    }

    internal void EncodeLong(ReadOnlySpan<byte> word, List<int> tokens)
    {
        // Part i begins at byte i; a part that was merged into the one before is -1.
        var parts = new int[word.Length];
        var next = new int[word.Length];
        var previous = new int[word.Length];
        var queue = new PriorityQueue<(int Place, int Right), (int Rank, int Place)>();
        for (var i = 0; i < word.Length; i++)
            (parts[i], next[i], previous[i]) = (word[i], i + 1, i - 1);
        for (var i = 0; i + 1 < word.Length; i++)
            Offer(i);
        while (queue.TryDequeue(out var pair, out var key))
        {
            var (place, right) = pair;
            // Out of date, if either part has changed since.
            if (parts[place] < 0 || next[place] != right || right >= parts.Length || parts[right] < 0 ||
                !_ranks.TryGetValue((parts[place], parts[right]), out var rank) || rank != key.Rank)
            {
                continue;
            }
            parts[place] = 256 + rank;
            parts[right] = -1;
            next[place] = next[right];
            if (next[place] < parts.Length)
                previous[next[place]] = place;
            Offer(place);
            if (previous[place] >= 0)
                Offer(previous[place]);
        }
        for (var i = 0; i < parts.Length; i = next[i])
            tokens.Add(parts[i]);

        void Offer(int place)
        {
            var right = next[place];
            if (right < parts.Length && _ranks.TryGetValue((parts[place], parts[right]), out var rank))
                queue.Enqueue((place, right), (rank, place));
        }
    }
}
