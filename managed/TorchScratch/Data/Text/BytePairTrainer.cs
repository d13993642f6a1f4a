// Learns byte-pair merges from the words of a text.

using System.Runtime.InteropServices;
using System.Text;

namespace TorchScratch.Data;

/// <summary>
/// Counts all adjacent pairs once and then updates the counts only where a merge changed them. Counts in the queue may
/// be outdated; one that is too high is put back with its current value. Of equally frequent pairs, the one with the
/// lower tokens comes first.
/// </summary>
internal sealed class BytePairTrainer
{
    private readonly List<int[]> _words = [];
    private readonly List<long> _counts = [];
    private readonly Dictionary<(int Left, int Right), long> _pairs = [];

    // For each pair, the words that contain it or once did.
    private readonly Dictionary<(int Left, int Right), HashSet<int>> _wordsWith = [];
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

    /// <summary>Learns up to a number of merges; fewer if no pair occurs twice.</summary>
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
        foreach (var word in _wordsWith[pair])
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
            // Only pairs with the new token can have become more frequent.
            Count(word, 1, candidate =>
            {
                if (candidate.Left == token || candidate.Right == token)
                    grown.Add(candidate);
            });
        }
        _wordsWith.Remove(pair);
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
                ref var words = ref CollectionsMarshal.GetValueRefOrAddDefault(_wordsWith, pair, out _);
                (words ??= []).Add(word);
                visit?.Invoke(pair);
            }
        }
    }

    private void Offer((int Left, int Right) pair, long count) => _queue.Enqueue(pair, (-count, pair.Left, pair.Right));
}
