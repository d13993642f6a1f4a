// Applies byte-pair merges to a word.

namespace TorchScratch.Data;

/// <summary>
/// Replaces adjacent tokens by their merge, always the one that was learned earliest. Long words use a priority queue
/// over a linked list, which avoids quadratic time.
/// </summary>
internal sealed class BytePairEncoder
{
    // Words up to this length are searched again after each merge, which is faster for a few bytes.
    private const int ShortWord = 24;

    private readonly Dictionary<(int, int), int> _ranks;

    public BytePairEncoder(ReadOnlySpan<(int Left, int Right)> merges)
    {
        _ranks = new Dictionary<(int, int), int>(merges.Length);
        for (var rank = 0; rank < merges.Length; rank++)
        {
            var (left, right) = merges[rank];
            if ((uint)left >= (uint)(256 + rank) || (uint)right >= (uint)(256 + rank))
                throw new ArgumentException($"merge {rank} joins tokens {left} and {right}, expected 0 to {255 + rank}",
                    nameof(merges));
            if (!_ranks.TryAdd((left, right), rank))
                throw new ArgumentException($"merge {rank} of tokens {left} and {right} occurs twice",
                    nameof(merges));
        }
    }

    /// <summary>Appends the tokens of a word to a list.</summary>
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
            var (best, position) = (int.MaxValue, -1);
            for (var i = 0; i + 1 < count; i++)
            {
                if (_ranks.TryGetValue((parts[i], parts[i + 1]), out var rank) && rank < best)
                    (best, position) = (rank, i);
            }
            if (position < 0)
                break;
            parts[position] = 256 + best;
            parts[(position + 2)..count].CopyTo(parts[(position + 1)..]);
            count--;
        }
        foreach (var part in parts[..count])
            tokens.Add(part);
    }

    internal void EncodeLong(ReadOnlySpan<byte> word, List<int> tokens)
    {
        // Part i begins at byte i; a part that was merged into its predecessor is -1.
        var parts = new int[word.Length];
        var next = new int[word.Length];
        var previous = new int[word.Length];
        var queue = new PriorityQueue<(int Left, int Right), (int Rank, int Left)>();
        for (var i = 0; i < word.Length; i++)
            (parts[i], next[i], previous[i]) = (word[i], i + 1, i - 1);
        for (var i = 0; i + 1 < word.Length; i++)
            Offer(i);
        while (queue.TryDequeue(out var pair, out var key))
        {
            var (left, right) = pair;
            // The candidate is outdated if either part has changed since.
            if (parts[left] < 0 || next[left] != right || right >= parts.Length || parts[right] < 0 ||
                !_ranks.TryGetValue((parts[left], parts[right]), out var rank) || rank != key.Rank)
            {
                continue;
            }
            parts[left] = 256 + rank;
            parts[right] = -1;
            next[left] = next[right];
            if (next[left] < parts.Length)
                previous[next[left]] = left;
            Offer(left);
            if (previous[left] >= 0)
                Offer(previous[left]);
        }
        for (var i = 0; i < parts.Length; i = next[i])
            tokens.Add(parts[i]);

        void Offer(int left)
        {
            var right = next[left];
            if (right < parts.Length && _ranks.TryGetValue((parts[left], parts[right]), out var rank))
                queue.Enqueue((left, right), (rank, left));
        }
    }
}
