// Windows of tokens, for models that predict the next one.

namespace TorchScratch.Data;

/// <summary>
/// Samples of a language model: T tokens, and the T that follow each of them. A batch is inputs (N, T) and targets (N, T) of
/// Int64. Windows lie at regular places, or at random ones that change with each epoch.
/// </summary>
public sealed class TextDataset : IRandomBatchDataset<Batch>
{
    private readonly int[] _tokens;
    private readonly int _stride;

    private TextDataset(int[] tokens, int blockLength, int stride, int count)
    {
        (_tokens, BlockLength, _stride, Count) = (tokens, blockLength, stride, count);
    }

    /// <summary>The number of windows in an epoch.</summary>
    public int Count { get; }

    /// <summary>Tokens of a window, T.</summary>
    public int BlockLength { get; }

    /// <summary>The tokens of the whole text.</summary>
    public ReadOnlySpan<int> Tokens => _tokens;

    /// <summary>Windows one after the other.</summary>
    /// <param name="tokens">The text; its array is kept, not copied.</param>
    /// <param name="blockLength">T.</param>
    /// <param name="stride">From the beginning of one window to that of the next; T if not given, so that none overlap.</param>
    /// <exception cref="ArgumentException">There are fewer than T + 1 tokens.</exception>
    public static TextDataset Sequential(int[] tokens, int blockLength, int? stride = null)
    {
        Check(tokens, blockLength);
        ArgumentOutOfRangeException.ThrowIfLessThan(stride ?? 1, 1, nameof(stride));
        return new TextDataset(tokens, blockLength, stride ?? blockLength,
            (tokens.Length - 1 - blockLength) / (stride ?? blockLength) + 1);
    }

    /// <summary>Windows at places that follow from the loader's seed, the epoch and the window's index.</summary>
    /// <param name="tokens">The text; its array is kept, not copied.</param>
    /// <param name="blockLength">T.</param>
    /// <param name="count">Windows in an epoch; as many as fit without overlap if not given.</param>
    /// <exception cref="ArgumentException">There are fewer than T + 1 tokens.</exception>
    public static TextDataset Random(int[] tokens, int blockLength, int? count = null)
    {
        Check(tokens, blockLength);
        ArgumentOutOfRangeException.ThrowIfLessThan(count ?? 1, 1, nameof(count));
        return new TextDataset(tokens, blockLength, 0, count ?? (tokens.Length - 1) / blockLength);
    }

    /// <summary>Divides a text: its beginning to train on, its end to validate.</summary>
    /// <param name="tokens">The text.</param>
    /// <param name="validationFraction">The part to validate on, in (0, 1).</param>
    public static (int[] Train, int[] Validation) Split(ReadOnlySpan<int> tokens, double validationFraction = 0.1)
    {
        if (!(validationFraction > 0 && validationFraction < 1))
            throw new ArgumentOutOfRangeException(nameof(validationFraction), validationFraction, "a fraction is between 0 and 1");
        var train = tokens.Length - (int)Math.Round(tokens.Length * validationFraction);
        return (tokens[..train].ToArray(), tokens[train..].ToArray());
    }

    /// <summary>The batch as it is in epoch 0 of a loader with seed 0.</summary>
    public Batch GetBatch(ReadOnlySpan<int> indices) => GetBatch(indices, default);

    /// <inheritdoc/>
    public Batch GetBatch(ReadOnlySpan<int> indices, EpochSeed epoch)
    {
        var inputs = Tensor.Empty([indices.Length, BlockLength], DType.Int64);
        var targets = Tensor.Empty([indices.Length, BlockLength], DType.Int64);
        var x = inputs.AsSpan<long>();
        var y = targets.AsSpan<long>();
        for (var i = 0; i < indices.Length; i++)
        {
            var window = _tokens.AsSpan(Start(indices[i], epoch), BlockLength + 1);
            for (var t = 0; t < BlockLength; t++)
                (x[i * BlockLength + t], y[i * BlockLength + t]) = (window[t], window[t + 1]);
        }
        return new Batch(inputs, targets);
    }

    private int Start(int index, EpochSeed epoch)
    {
        if (_stride > 0)
            return index * _stride;
        var random = epoch.ForSample(index);
        return random.Next(_tokens.Length - BlockLength);
    }

    private static void Check(int[] tokens, int blockLength)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        ArgumentOutOfRangeException.ThrowIfLessThan(blockLength, 1);
        if (tokens.Length <= blockLength)
            throw new ArgumentException($"windows of {blockLength} tokens and one more need as many, got {tokens.Length}", nameof(tokens));
    }
}
