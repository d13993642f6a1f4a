// How often each class is predicted as each other class.

using System.Globalization;
using System.Text;

namespace TorchScratch.Training;

/// <summary>
/// The number of samples for each pair of a true and a predicted class; its value is the accuracy. Predictions are
/// scores (N, C, ...) or class indices (N, ...); targets are class indices (N, ...).
/// </summary>
public sealed class ConfusionMatrix : Metric
{
    private readonly int _classDim;
    private readonly long? _ignored;
    private readonly long[] _counts;

    /// <summary>Creates a matrix of zeros.</summary>
    /// <param name="classes">The number of classes.</param>
    /// <param name="labels">The names of the classes; their indices if not given.</param>
    /// <param name="classDim">The class dimension of the scores; -1 for (N, ..., C).</param>
    /// <param name="ignoreIndex">A target value to ignore, such as padding; null for none.</param>
    /// <param name="name">Its name.</param>
    /// <exception cref="ArgumentException">The number of labels differs from the number of classes.</exception>
    public ConfusionMatrix(int classes, IReadOnlyList<string>? labels = null, int classDim = 1,
        long? ignoreIndex = null, string name = "confusion") : base(name)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(classes, 1 << 14);
        if (labels is not null && labels.Count != classes)
            throw new ArgumentException($"{labels.Count} labels for {classes} classes", nameof(labels));
        Labels = labels ?? [.. Enumerable.Range(0, classes).Select(i => i.ToString(CultureInfo.InvariantCulture))];
        (ClassCount, _classDim, _ignored) = (classes, classDim, ignoreIndex);
        _counts = new long[classes * classes];
    }

    /// <summary>The number of classes.</summary>
    public int ClassCount { get; }

    /// <summary>The names of the classes.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>
    /// Number of samples of class <paramref name="truth"/> that were predicted as <paramref name="answer"/>.
    /// </summary>
    public long this[int truth, int answer] => _counts[Checked(truth) * ClassCount + Checked(answer)];

    /// <summary>Number of samples.</summary>
    public long Total => _counts.Sum();

    /// <summary>Number of samples predicted correctly.</summary>
    public long Correct => Enumerable.Range(0, ClassCount).Sum(i => this[i, i]);

    /// <inheritdoc/>
    public override double Value => Total is > 0 and var total ? (double)Correct / total : double.NaN;

    /// <inheritdoc/>
    public override bool IsListed => false;

    /// <summary>Number of samples of a class.</summary>
    public long CountOf(int truth) => Enumerable.Range(0, ClassCount).Sum(answer => this[truth, answer]);

    /// <summary>Number of samples predicted as a class.</summary>
    public long AnswersOf(int answer) => Enumerable.Range(0, ClassCount).Sum(truth => this[truth, answer]);

    /// <inheritdoc/>
    public override void Reset() => Array.Clear(_counts);

    /// <inheritdoc/>
    public override double[] SaveState() => Array.ConvertAll(_counts, count => (double)count);

    /// <inheritdoc/>
    public override void RestoreState(ReadOnlySpan<double> sums)
    {
        if (sums.Length != _counts.Length)
            throw StateDoesNotFit(_counts.Length, sums.Length);
        // All are looked at before the first is changed.
        var counts = new long[sums.Length];
        for (var i = 0; i < sums.Length; i++)
            counts[i] = CountIn(sums[i]);
        counts.CopyTo(_counts.AsSpan());
    }

    /// <summary>
    /// A table with a row for each true class and a column for each predicted class. Zeros are shown as dots, so that
    /// errors stand out.
    /// </summary>
    public override string ToString()
    {
        const string Corner = "true \\ answer";
        var first = Math.Max(Corner.Length, Labels.Max(label => label.Length));
        var width = 2 + Math.Max(Labels.Max(label => label.Length),
            _counts.Max().ToString(CultureInfo.InvariantCulture).Length);
        var text = new StringBuilder(Corner.PadRight(first));
        foreach (var label in Labels)
            text.Append(label.PadLeft(width));
        for (var truth = 0; truth < ClassCount; truth++)
        {
            text.Append('\n').Append(Labels[truth].PadLeft(first));
            for (var answer = 0; answer < ClassCount; answer++)
            {
                var count = this[truth, answer];
                text.Append((count == 0 ? "." : count.ToString(CultureInfo.InvariantCulture)).PadLeft(width));
            }
        }
        return text.ToString();
    }

    /// <inheritdoc/>
    protected override void Add(Tensor predictions, Tensor targets)
    {
        var (answers, truths) = ClassScores.Answers(Name, predictions, targets, _classDim);
        (answers, truths) = ClassScores.Without(answers, truths, _ignored);
        ClassScores.CheckRange(Name, "targets", truths, ClassCount);
        ClassScores.CheckRange(Name, "predicted classes", answers, ClassCount);
        var pairs = (truths.To(DType.Int64) * ClassCount + answers).BinCount(minLength: _counts.Length).Cpu();
        System.Numerics.Tensors.TensorPrimitives.Add<long>(_counts, pairs.AsSpan<long>(), _counts);
        GC.KeepAlive(pairs);
    }

    private int Checked(int index) => (uint)index < (uint)ClassCount
        ? index
        : throw new ArgumentOutOfRangeException(nameof(index), index, $"there are {ClassCount} classes");
}
