// Features to mean 0 and standard deviation 1, by the numbers of the training set.

namespace TorchScratch.Data;

/// <summary>
/// Maps each value v of a column to (v - mean) / std. Fit it on the training rows alone and apply it to all, or the test
/// leaks into the training. The deviation is that of the rows themselves (divided by N); a constant column's counts as 1.
/// </summary>
public sealed class Standardizer
{
    private readonly float[] _means;
    private readonly float[] _deviations;

    /// <summary>A standardizer with known numbers, such as those that were saved with a model.</summary>
    /// <exception cref="ArgumentException">There are not as many of one as of the other, or a deviation is not positive.</exception>
    public Standardizer(ReadOnlySpan<float> means, ReadOnlySpan<float> deviations)
    {
        if (means.Length == 0 || means.Length != deviations.Length)
            throw new ArgumentException($"needs as many means as deviations, got {means.Length} and {deviations.Length}");
        foreach (var deviation in deviations)
        {
            if (!(deviation > 0) || !float.IsFinite(deviation))
                throw new ArgumentException($"a deviation is positive and finite, got {deviation}", nameof(deviations));
        }
        (_means, _deviations) = (means.ToArray(), deviations.ToArray());
    }

    /// <summary>Each column's mean.</summary>
    public ReadOnlySpan<float> Means => _means;

    /// <summary>Each column's standard deviation.</summary>
    public ReadOnlySpan<float> Deviations => _deviations;

    /// <summary>The numbers of a data set's features.</summary>
    public static Standardizer Fit(CsvDataset train)
    {
        ArgumentNullException.ThrowIfNull(train);
        return Fit(train.Features, train.FeatureCount);
    }

    /// <summary>The numbers of rows, one after the other.</summary>
    /// <param name="values">The rows.</param>
    /// <param name="columns">Values of a row.</param>
    /// <exception cref="ArgumentException">There is no row, or not a whole number of them.</exception>
    public static Standardizer Fit(ReadOnlySpan<float> values, int columns)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        if (values.Length == 0 || values.Length % columns != 0)
            throw new ArgumentException($"{values.Length} values are no whole rows of {columns}", nameof(values));
        var rows = values.Length / columns;
        var means = new float[columns];
        var deviations = new float[columns];
        for (var column = 0; column < columns; column++)
        {
            // In two passes: the difference of large sums would lose the small deviations.
            var sum = 0.0;
            for (var i = column; i < values.Length; i += columns)
                sum += values[i];
            var mean = sum / rows;
            var squares = 0.0;
            for (var i = column; i < values.Length; i += columns)
                squares += (values[i] - mean) * (values[i] - mean);
            means[column] = (float)mean;
            var deviation = (float)Math.Sqrt(squares / rows);
            // What rounding leaves of a constant column is no deviation.
            deviations[column] = deviation > 1e-6f * Math.Abs(means[column]) ? deviation : 1;
        }
        return new Standardizer(means, deviations);
    }

    /// <summary>Standardizes rows where they are.</summary>
    /// <exception cref="ArgumentException">They are no whole number of rows.</exception>
    public void Apply(Span<float> values)
    {
        if (values.Length % _means.Length != 0)
            throw new ArgumentException($"{values.Length} values are no whole rows of {_means.Length}", nameof(values));
        for (var row = 0; row < values.Length; row += _means.Length)
        {
            for (var column = 0; column < _means.Length; column++)
                values[row + column] = (values[row + column] - _means[column]) / _deviations[column];
        }
    }
}
