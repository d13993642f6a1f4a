// Scales features to mean 0 and standard deviation 1, with the statistics of the training set.

namespace TorchScratch.Data;

/// <summary>
/// Maps each value v of a column to (v - mean) / std. Fit it on the training rows alone and apply it to all rows, or
/// test data leak into the training. The standard deviation is that of the population (divided by N); for a constant
/// column it is taken as 1.
/// </summary>
public sealed class Standardizer
{
    private readonly float[] _means;
    private readonly float[] _deviations;

    /// <summary>Creates a standardizer from known statistics, for example those saved with a model.</summary>
    /// <exception cref="ArgumentException">
    /// The numbers of means and deviations differ or are 0, or a deviation is not positive and finite.
    /// </exception>
    public Standardizer(ReadOnlySpan<float> means, ReadOnlySpan<float> deviations)
    {
        if (means.Length == 0 || means.Length != deviations.Length)
        {
            throw new ArgumentException($"expected equal numbers of means and deviations, at least one; got " +
                $"{means.Length} and {deviations.Length}", nameof(means));
        }
        foreach (var deviation in deviations)
        {
            if (!(deviation > 0) || !float.IsFinite(deviation))
                throw new ArgumentException($"expected finite numbers above 0, got {deviation}", nameof(deviations));
        }
        (_means, _deviations) = (means.ToArray(), deviations.ToArray());
    }

    /// <summary>The mean of each column.</summary>
    public ReadOnlySpan<float> Means => _means;

    /// <summary>The standard deviation of each column.</summary>
    public ReadOnlySpan<float> Deviations => _deviations;

    /// <summary>Computes the statistics of the features of a data set.</summary>
    public static Standardizer Fit(CsvDataset train)
    {
        ArgumentNullException.ThrowIfNull(train);
        return Fit(train.Features, train.FeatureCount);
    }

    /// <summary>Computes the statistics of the columns of a row-major table.</summary>
    /// <param name="values">The values, row by row.</param>
    /// <param name="columns">The number of columns.</param>
    /// <exception cref="ArgumentException">There are no rows, or the last one is incomplete.</exception>
    public static Standardizer Fit(ReadOnlySpan<float> values, int columns)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        if (values.Length == 0 || values.Length % columns != 0)
            throw new ArgumentException($"{values.Length} values are not rows of {columns}", nameof(values));
        var rows = values.Length / columns;
        var means = new float[columns];
        var deviations = new float[columns];
        for (var column = 0; column < columns; column++)
        {
            // In two passes, since a difference of large sums would lose small deviations.
            var sum = 0.0;
            for (var i = column; i < values.Length; i += columns)
                sum += values[i];
            var mean = sum / rows;
            var squares = 0.0;
            for (var i = column; i < values.Length; i += columns)
                squares += (values[i] - mean) * (values[i] - mean);
            means[column] = (float)mean;
            var deviation = (float)Math.Sqrt(squares / rows);
            // In a constant column, rounding errors must not be mistaken for a deviation.
            deviations[column] = deviation > 1e-6f * Math.Abs(means[column]) ? deviation : 1;
        }
        return new Standardizer(means, deviations);
    }

    /// <summary>Standardizes rows in place.</summary>
    /// <exception cref="ArgumentException">The last row is incomplete.</exception>
    public void Apply(Span<float> values)
    {
        if (values.Length % _means.Length != 0)
            throw new ArgumentException($"{values.Length} values are not rows of {_means.Length}", nameof(values));
        for (var row = 0; row < values.Length; row += _means.Length)
        {
            for (var column = 0; column < _means.Length; column++)
                values[row + column] = (values[row + column] - _means[column]) / _deviations[column];
        }
    }
}
