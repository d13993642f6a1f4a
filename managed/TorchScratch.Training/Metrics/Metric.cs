// What all metrics share: they add batch after batch up, and say the whole.

namespace TorchScratch.Training;

/// <summary>
/// A figure of merit over many batches. <see cref="Update"/> takes a batch in, <see cref="Value"/> is the figure over
/// all batches since the beginning or the last <see cref="Reset"/>. Sums are exact or in double precision, so the
/// figure is that of one large batch.
/// </summary>
public abstract class Metric
{
    /// <summary>A metric under a name.</summary>
    /// <param name="name">Names it in tables, files and charts, as in <c>accuracy</c>; no comma, quote or line
    /// break.</param>
    /// <exception cref="ArgumentException">The name is empty or has such a character.</exception>
    protected Metric(string name)
    {
        CheckName(name, nameof(name));
        Name = name;
    }

    /// <summary>Its name in tables, files and charts.</summary>
    public string Name { get; }

    /// <summary>The figure over all that was taken in; NaN before anything was.</summary>
    public abstract double Value { get; }

    /// <summary>Whether more is better; else less is.</summary>
    public virtual bool HigherIsBetter => true;

    /// <summary>Whether the figure is a share of 1, to be shown in percent.</summary>
    public virtual bool IsShare => true;

    /// <summary>Whether the figure is worth a curve of its own; a confusion matrix is shown in full instead.</summary>
    public virtual bool IsListed => true;

    /// <summary>Takes a batch in. Nothing is recorded for a backward pass.</summary>
    /// <param name="predictions">What the model says, as the metric's class tells.</param>
    /// <param name="targets">What is true.</param>
    /// <exception cref="ShapeException">The shapes do not fit together.</exception>
    /// <exception cref="DTypeException">An element type is of the wrong kind.</exception>
    /// <exception cref="ValueException">A value is out of its range; nothing was taken in.</exception>
    public void Update(Tensor predictions, Tensor targets)
    {
        ArgumentNullException.ThrowIfNull(predictions);
        ArgumentNullException.ThrowIfNull(targets);
        using var noGrad = Autograd.NoGrad();
        using var scope = Tensor.Scope();
        Add(predictions, targets);
    }

    /// <summary>Forgets everything, as for a new epoch.</summary>
    public abstract void Reset();

    /// <summary>The sums as numbers, for a checkpoint; <see cref="RestoreSums"/> takes them back exactly.</summary>
    public abstract double[] SaveSums();

    /// <summary>Goes on from sums that <see cref="SaveSums"/> gave.</summary>
    /// <exception cref="ValueException">They are not of such a metric; nothing changed.</exception>
    public abstract void RestoreSums(ReadOnlySpan<double> sums);

    /// <summary>The name and the figure.</summary>
    public override string ToString() => IsShare
        ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Name} {100 * Value:0.00} %")
        : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Name} {Value:0.0000}");

    /// <summary>Takes a batch in; tensors made here are freed afterwards.</summary>
    protected abstract void Add(Tensor predictions, Tensor targets);

    /// <summary>Throws unless a name can stand in a table's head and over a chart.</summary>
    internal static void CheckName(string name, string parameter)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name, parameter);
        if (name.AsSpan().IndexOfAny(",\"\r\n") >= 0)
            throw new ArgumentException($"a figure's name has no comma, quote or line break: '{name}'", parameter);
        if (name.EndsWith('/'))
            throw new ArgumentException($"after the slash comes what the figure is: '{name}'", parameter);
    }

    /// <summary>The error of <see cref="RestoreSums"/>.</summary>
    protected ValueException SumsDoNotFit(int expected, int actual) =>
        new($"{Name}: the state has {actual} numbers, expected {expected}; is it of a metric with other options?");
}
