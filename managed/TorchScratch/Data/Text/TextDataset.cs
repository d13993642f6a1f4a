// Windows of tokens, for language models.

namespace TorchScratch.Data;

/// <summary>
/// Samples for a language model: T tokens as input and, as targets, the token after each of them. A batch
/// consists of inputs (N, T) and targets (N, T) of Int64. Windows begin at regular positions, or at random ones
/// that change with each epoch.
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

    /// <summary>The number of tokens in a window, T.</summary>
    public int BlockLength { get; }

    /// <summary>The tokens of the whole text.</summary>
    public ReadOnlySpan<int> Tokens => _tokens;

    /// <summary>Creates windows at regular positions.</summary>
    /// <param name="tokens">The tokens of the text; the array is not copied.</param>
    /// <param name="blockLength">The number of tokens in a window, T.</param>
    /// <param name="stride">
    /// The distance between the beginnings of two windows; T if not given, so that windows do not overlap.
    /// </param>
    /// <exception cref="ArgumentException">There are fewer than T + 1 tokens.</exception>
    public static TextDataset Sequential(int[] tokens, int blockLength, int? stride = null)
    {
        Check(tokens, blockLength);
        ArgumentOutOfRangeException.ThrowIfLessThan(stride ?? 1, 1, nameof(stride));
        return new TextDataset(tokens, blockLength, stride ?? blockLength,
            (tokens.Length - 1 - blockLength) / (stride ?? blockLength) + 1);
    }

    /// <summary>
    /// Creates windows at random positions, which depend on the seed of the loader, the epoch and the
    /// index of the window.
    /// </summary>
    /// <param name="tokens">The tokens of the text; the array is not copied.</param>
    /// <param name="blockLength">The number of tokens in a window, T.</param>
    /// <param name="count">The number of windows in an epoch; if not given, as many as fit without overlap.</param>
    /// <exception cref="ArgumentException">There are fewer than T + 1 tokens.</exception>
    public static TextDataset Random(int[] tokens, int blockLength, int? count = null)
    {
        Check(tokens, blockLength);
        ArgumentOutOfRangeException.ThrowIfLessThan(count ?? 1, 1, nameof(count));
        return new TextDataset(tokens, blockLength, 0, count ?? (tokens.Length - 1) / blockLength);
    }

    /// <summary>Splits a text: the beginning for training, the end for validation.</summary>
    /// <param name="tokens">The tokens of the text.</param>
    /// <param name="validationFraction">The fraction for validation, in (0, 1).</param>
    public static (int[] Train, int[] Validation) Split(ReadOnlySpan<int> tokens, double validationFraction = 0.1)
    {
        if (!(validationFraction > 0 && validationFraction < 1))
            throw new ArgumentOutOfRangeException(nameof(validationFraction), validationFraction,
                "must be between 0 and 1");
        var train = tokens.Length - (int)Math.Round(tokens.Length * validationFraction);
        return (tokens[..train].ToArray(), tokens[train..].ToArray());
    }

    /// <summary>The batch of epoch 0 and seed 0.</summary>
    public Batch GetBatch(ReadOnlySpan<int> indices) => GetBatch(indices, default);

    /// <inheritdoc/>
    public Batch GetBatch(ReadOnlySpan<int> indices, EpochSeed epoch)
    {
        SampleIndices.Check(indices, Count);
        var inputs = Tensor.Empty([indices.Length, BlockLength], DType.Int64, Device.Cpu);
        var targets = Tensor.Empty([indices.Length, BlockLength], DType.Int64, Device.Cpu);
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
        {
            throw new ArgumentException($"windows of {blockLength} tokens need at least {blockLength + 1L} tokens, " +
                $"got {tokens.Length}", nameof(tokens));
        }
    }
}
