// The base class of all metrics, which accumulate batches and compute one value over all of them.

namespace TorchScratch.Training;

/// <summary>
/// A quality measure over many batches. <see cref="Update"/> adds a batch, and <see cref="Value"/> is the value over
/// all batches since the beginning or the last <see cref="Reset"/>. Sums are exact or in double precision, so the value
/// is that of one large batch.
/// </summary>
public abstract class Metric
{
    /// <summary>Creates a metric with a name.</summary>
    /// <param name="name">
    /// The name in tables, files and charts, as in <c>accuracy</c>; without commas, quotes and line breaks.
    /// </param>
    /// <exception cref="ArgumentException">The name is empty or contains such a character.</exception>
    protected Metric(string name)
    {
        CheckName(name, nameof(name));
        Name = name;
    }

    /// <summary>The name in tables, files and charts.</summary>
    public string Name { get; }

    /// <summary>The value over all samples; NaN if there are none.</summary>
    public abstract double Value { get; }

    /// <summary>Whether larger values are better.</summary>
    public virtual bool HigherIsBetter => true;

    /// <summary>Whether the value is a fraction, to be shown in percent.</summary>
    public virtual bool IsFraction => true;

    /// <summary>
    /// Whether the value gets a column and a curve; false for a confusion matrix, which is shown in full instead.
    /// </summary>
    public virtual bool IsListed => true;

    /// <summary>Adds a batch. Nothing is recorded for the backward pass.</summary>
    /// <param name="predictions">The model's predictions, in the form that the metric's class describes.</param>
    /// <param name="targets">The true values.</param>
    /// <exception cref="ShapeException">The shapes do not fit together.</exception>
    /// <exception cref="DTypeException">The metric does not support an element type.</exception>
    /// <exception cref="ValueException">A value is out of range; nothing was added.</exception>
    public void Update(Tensor predictions, Tensor targets)
    {
        ArgumentNullException.ThrowIfNull(predictions);
        ArgumentNullException.ThrowIfNull(targets);
        using var noGrad = Autograd.NoGrad();
        using var scope = Tensor.Scope();
        Add(predictions, targets);
    }

    /// <summary>Removes all samples, as at the start of an epoch.</summary>
    public abstract void Reset();

    /// <summary>The state as numbers, for a checkpoint; <see cref="RestoreState"/> restores it exactly.</summary>
    public abstract double[] SaveState();

    /// <summary>Restores a state that <see cref="SaveState"/> returned.</summary>
    /// <exception cref="ValueException">The state is not that of such a metric; nothing was changed.</exception>
    public abstract void RestoreState(ReadOnlySpan<double> sums);

    /// <summary>The name and the value.</summary>
    public override string ToString() => IsFraction
        ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Name} {100 * Value:0.00} %")
        : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Name} {Value:0.0000}");

    /// <summary>Adds a batch. Tensors that are created here are freed afterwards.</summary>
    protected abstract void Add(Tensor predictions, Tensor targets);

    /// <summary>Throws unless a name can head a column and a chart.</summary>
    internal static void CheckName(string name, string parameter)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name, parameter);
        if (name.AsSpan().IndexOfAny(",\"\r\n") >= 0)
            throw new ArgumentException($"the name '{name}' contains a comma, a quote or a line break", parameter);
        if (name.EndsWith('/'))
            throw new ArgumentException($"the name '{name}' must not end with a slash", parameter);
    }

    /// <summary>A count in a state.</summary>
    /// <exception cref="ValueException">It is negative or not whole.</exception>
    protected long CountIn(double value) => value >= 0 && value <= 1L << 53 && double.IsInteger(value)
        ? (long)value
        : throw new ValueException(string.Create(System.Globalization.CultureInfo.InvariantCulture,
            $"{Name}: the state has {value} where a count was expected"));

    /// <summary>The exception of <see cref="RestoreState"/> for a state of the wrong length.</summary>
    protected ValueException StateDoesNotFit(int expected, int actual) =>
        new($"{Name}: the state has {actual} numbers, expected {expected}; was it saved with other options?");
}
