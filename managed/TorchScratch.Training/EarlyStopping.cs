// Ends a training that no longer gets better: Prechelt, "Early stopping - but when?" (1998).

namespace TorchScratch.Training;

/// <summary>
/// Watches one figure from epoch to epoch. When it has not improved for more than <paramref name="patience"/> epochs,
/// the training ends; the trainer then puts the weights of the best epoch back.
/// </summary>
/// <param name="figure">Its name among an epoch's values, as in <c>validation/loss</c>.</param>
/// <param name="patience">Epochs without improvement that are borne.</param>
/// <param name="minDelta">What counts as an improvement: a change by more than this.</param>
/// <param name="higherIsBetter">Whether more is better, as of an accuracy.</param>
/// <param name="restoreBest">Whether the best epoch's weights are kept and put back at the end.</param>
public sealed class EarlyStopping(string figure = "validation/loss", int patience = 3, double minDelta = 0,
    bool higherIsBetter = false, bool restoreBest = true)
{
    // NaN too would make nothing an improvement.
    private readonly double _minDelta = minDelta >= 0
        ? minDelta : throw new ArgumentOutOfRangeException(nameof(minDelta), minDelta, "a change is 0 or more");

    /// <summary>The name of the figure.</summary>
    public string Figure { get; } = string.IsNullOrWhiteSpace(figure)
        ? throw new ArgumentException("a figure has a name", nameof(figure)) : figure;

    /// <summary>Epochs without improvement that are borne.</summary>
    public int Patience { get; } = patience >= 0
        ? patience : throw new ArgumentOutOfRangeException(nameof(patience), patience, "patience is not negative");

    /// <summary>Whether the best epoch's weights are kept and put back at the end.</summary>
    public bool RestoreBest { get; } = restoreBest;

    /// <summary>The best value so far; NaN before the first epoch.</summary>
    public double Best { get; private set; } = double.NaN;

    /// <summary>Epochs since then.</summary>
    public int BadEpochs { get; private set; }

    /// <summary>Whether it is time to end.</summary>
    public bool HasStopped => BadEpochs > Patience;

    /// <summary>Tells the figure of an epoch.</summary>
    /// <returns>Whether it is the best so far.</returns>
    public bool Update(double value)
    {
        // Nothing is better than NaN, and NaN is better than nothing.
        var isBetter = !double.IsNaN(value) && (double.IsNaN(Best) ||
            (higherIsBetter ? value > Best + _minDelta : value < Best - _minDelta));
        (Best, BadEpochs) = isBetter ? (value, 0) : (Best, BadEpochs + 1);
        return isBetter;
    }

    internal double[] Save() => [Best, BadEpochs];

    internal void Restore(double[] state) => (Best, BadEpochs) = (state[0], (int)state[1]);
}
