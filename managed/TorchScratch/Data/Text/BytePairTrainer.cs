// Learns merges from the words of a text.

using System.Runtime.InteropServices;
using System.Text;

namespace TorchScratch.Data;

/// <summary>
/// Counts the pairs of neighbours once, and then only where a merge changed them. The queue holds counts that may be out of
/// date; one that is too high is put back with what it is now. Of equally frequent pairs the one of lower tokens comes first.
/// </summary>
internal sealed class BytePairTrainer
{
    private readonly List<int[]> _words = [];
    private readonly List<long> _counts = [];
    private readonly Dictionary<(int Left, int Right), long> _pairs = [];

    // Words that have, or once had, a pair.
    private readonly Dictionary<(int Left, int Right), HashSet<int>> _places = [];
    private readonly PriorityQueue<(int Left, int Right), (long MinusCount, int Left, int Right)> _queue = new();

    public BytePairTrainer(IReadOnlyDictionary<string, int> words)
    {
        foreach (var (word, count) in words)
        {
            _words.Add([.. Encoding.UTF8.GetBytes(word).Select(value => (int)value)]);
            _counts.Add(count);
            Count(_words.Count - 1, 1, null);
        }
        foreach (var (pair, count) in _pairs)
            Offer(pair, count);
    }

    /// <summary>The best merges, one after the other, up to a number; fewer, if no pair occurs twice.</summary>
    public List<(int Left, int Right)> Learn(int limit, CancellationToken cancellation)
    {
        var merges = new List<(int Left, int Right)>();
        while (merges.Count < limit && _queue.TryDequeue(out var pair, out var key))
        {
            cancellation.ThrowIfCancellationRequested();
            var count = _pairs.GetValueOrDefault(pair);
            if (count < 2)
                continue;
            if (count != -key.MinusCount)
            {
                Offer(pair, count);
                continue;
            }
            Merge(pair, 256 + merges.Count);
            merges.Add(pair);
        }
        return merges;
    }

    private void Merge((int Left, int Right) pair, int token)
    {
        var grown = new HashSet<(int Left, int Right)>();
        foreach (var word in _places[pair])
        {
            Count(word, -1, null);
            var old = _words[word];
            var kept = 0;
            for (var i = 0; i < old.Length; i++)
            {
                var isPair = i + 1 < old.Length && old[i] == pair.Left && old[i + 1] == pair.Right;
                old[kept++] = isPair ? token : old[i];
                i += isPair ? 1 : 0;
            }
            _words[word] = old[..kept];
            // Only pairs with the new token can be more frequent than before.
            Count(word, 1, candidate => { if (candidate.Left == token || candidate.Right == token) grown.Add(candidate); });
        }
        _places.Remove(pair);
        _pairs.Remove(pair);
        foreach (var candidate in grown)
            Offer(candidate, _pairs[candidate]);
    }

    private void Count(int word, int sign, Action<(int Left, int Right)>? visit)
    {
        var parts = _words[word];
        for (var i = 0; i + 1 < parts.Length; i++)
        {
            var pair = (parts[i], parts[i + 1]);
            CollectionsMarshal.GetValueRefOrAddDefault(_pairs, pair, out _) += sign * _counts[word];
            if (sign > 0)
            {
                ref var places = ref CollectionsMarshal.GetValueRefOrAddDefault(_places, pair, out _);
                (places ??= []).Add(word);
                visit?.Invoke(pair);
            }
        }
    }

    private void Offer((int Left, int Right) pair, long count) => _queue.Enqueue(pair, (-count, pair.Left, pair.Right));
}
