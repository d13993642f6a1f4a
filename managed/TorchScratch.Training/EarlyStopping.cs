// Stops a training that no longer improves: Prechelt, "Early stopping - but when?" (1998).

namespace TorchScratch.Training;

/// <summary>
/// Watches one value from epoch to epoch. When it has not improved for more than <paramref name="patience"/> epochs,
/// the training stops, and the trainer restores the weights of the best epoch.
/// </summary>
/// <param name="figure">The name of the value, as in <c>validation/loss</c>.</param>
/// <param name="patience">Number of epochs without improvement that are tolerated.</param>
/// <param name="minDelta">Changes up to this size do not count as an improvement; at least 0.</param>
/// <param name="higherIsBetter">Whether larger values are better, as for an accuracy.</param>
/// <param name="restoreBest">Whether the weights of the best epoch are kept and restored at the end.</param>
public sealed class EarlyStopping(string figure = "validation/loss", int patience = 3, double minDelta = 0,
    bool higherIsBetter = false, bool restoreBest = true)
{
    // The comparison also rejects NaN, with which nothing would count as an improvement.
    private readonly double _minDelta = minDelta >= 0
        ? minDelta : throw new ArgumentOutOfRangeException(nameof(minDelta), minDelta, "must be 0 or more");

    /// <summary>The name of the value that is watched.</summary>
    public string Figure { get; } = figure is null ? throw new ArgumentNullException(nameof(figure))
        : string.IsNullOrWhiteSpace(figure)
        ? throw new ArgumentException("the name of the value must not be empty", nameof(figure)) : figure;

    /// <summary>Number of epochs without improvement that are tolerated.</summary>
    public int Patience { get; } = patience >= 0
        ? patience : throw new ArgumentOutOfRangeException(nameof(patience), patience, "must be 0 or more");

    /// <summary>Whether the weights of the best epoch are kept and restored at the end.</summary>
    public bool RestoreBest { get; } = restoreBest;

    /// <summary>The best value so far; NaN before the first epoch.</summary>
    public double Best { get; private set; } = double.NaN;

    /// <summary>Epochs since the best one.</summary>
    public int BadEpochs { get; private set; }

    /// <summary>Whether the training should stop.</summary>
    public bool HasStopped => BadEpochs > Patience;

    /// <summary>Records the value of an epoch.</summary>
    /// <returns>Whether it is the best so far.</returns>
    public bool Update(double value)
    {
        // NaN is never an improvement, and any number is one over NaN.
        var isBetter = !double.IsNaN(value) && (double.IsNaN(Best) ||
            (higherIsBetter ? value > Best + _minDelta : value < Best - _minDelta));
        (Best, BadEpochs) = isBetter ? (value, 0) : (Best, BadEpochs + 1);
        return isBetter;
    }

    internal double[] Save() => [Best, BadEpochs];

    internal void Restore(double[] state) => (Best, BadEpochs) =
        state.Length == 2 && state[1] >= 0 && state[1] <= int.MaxValue && double.IsInteger(state[1])
            ? (state[0], (int)state[1])
            : throw new ValueException("EarlyStopping: the state is not the best value and a number of epochs");
}
