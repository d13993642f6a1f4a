// A data set whose samples are the rows of a table.

namespace TorchScratch.Data;

/// <summary>
/// The features and targets of a table. A batch consists of features (N, F) of Float32 and targets (N): classes of
/// Int64, or numbers of Float32.
/// </summary>
public sealed class CsvDataset : IBatchDataset<Batch>, IDataset<(Tensor Input, Tensor Target)>
{
    private readonly float[] _features;
    private readonly long[]? _classes;
    private readonly float[]? _numbers;

    /// <summary>Extracts features and target from a table.</summary>
    /// <param name="table">The table.</param>
    /// <param name="schema">
    /// The roles of the columns. If not given, the last one is the class and the others are numbers.
    /// </param>
    /// <exception cref="TensorIOException">A field is missing or is not a number; the message says which.</exception>
    /// <exception cref="ArgumentException">The schema names a column that does not exist.</exception>
    public CsvDataset(CsvTable table, CsvSchema? schema = null)
    {
        ArgumentNullException.ThrowIfNull(table);
        schema ??= new CsvSchema();
        if (table.ColumnNames.Count == 0)
            throw CsvReader.Error(table.Name, 1, 1, "the file is empty, so there are no columns");
        var target = schema.Target.In(table.ColumnNames, table.Name);
        var categorical = schema.Categorical.Select(column => column.In(table.ColumnNames, table.Name)).ToHashSet();
        var left = schema.Ignored.Select(column => column.In(table.ColumnNames, table.Name)).Append(target).ToHashSet();
        var columns = new List<float[]>();
        var names = new List<string>();
        for (var column = 0; column < table.ColumnNames.Count; column++)
        {
            if (left.Contains(column))
                continue;
            if (categorical.Contains(column))
                AddCategories(table, column, schema, columns, names);
            else
            {
                columns.Add(table.Numbers(column, schema.MissingNumber));
                names.Add(table.ColumnNames[column]);
            }
        }
        _features = Interleave(columns, table.RowCount);
        if (schema.TargetKind == CsvTarget.Numbers)
            _numbers = table.Numbers(target);
        else
        {
            var (indices, classes) = table.Categories(target);
            _classes = Array.ConvertAll(indices, index => (long)index);
            ClassNames = classes;
        }
        Count = table.RowCount;
        FeatureNames = names.AsReadOnly();
    }

    private CsvDataset(CsvDataset source, int count, float[] features, long[]? classes, float[]? numbers)
    {
        (Count, _features, _classes, _numbers) = (count, features, classes, numbers);
        (FeatureNames, ClassNames) = (source.FeatureNames, source.ClassNames);
    }

    /// <summary>The number of rows.</summary>
    public int Count { get; }

    /// <summary>The number of features, F.</summary>
    public int FeatureCount => FeatureNames.Count;

    /// <summary>The names of the features; one-hot columns are named as in <c>colour=red</c>.</summary>
    public IReadOnlyList<string> FeatureNames { get; }

    /// <summary>The names of classes 0, 1, ...; null if the targets are numbers.</summary>
    public IReadOnlyList<string>? ClassNames { get; }

    /// <summary>The features, row by row.</summary>
    public ReadOnlySpan<float> Features => _features;

    /// <summary>The classes of all rows; empty if the targets are numbers.</summary>
    public ReadOnlySpan<long> Classes => _classes;

    /// <summary>The features (F) and the target (0-d) of one row.</summary>
    public (Tensor Input, Tensor Target) this[int index]
    {
        get
        {
            SampleIndices.Check(index, Count);
            var row = _features.AsSpan(index * FeatureCount, FeatureCount);
            return (Tensor.From<float>(row, Device.Cpu), _classes is null
                ? Tensor.FromScalar(_numbers![index], DType.Float32, Device.Cpu)
                : Tensor.FromScalar(_classes[index], DType.Int64, Device.Cpu));
        }
    }

    /// <summary>Reads a file and extracts features and target.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">The format of the file; commas and a header if not given.</param>
    /// <param name="schema">
    /// The roles of the columns. If not given, the last one is the class and the others are numbers.
    /// </param>
    /// <exception cref="TensorIOException">The file is malformed, or a field is missing or is not a number.</exception>
    /// <exception cref="IOException">The file does not exist or cannot be read.</exception>
    public static CsvDataset Load(string path, CsvOptions? options = null, CsvSchema? schema = null) =>
        new(CsvTable.Load(path, options), schema);

    /// <inheritdoc/>
    public Batch GetBatch(ReadOnlySpan<int> indices)
    {
        var rows = Select(indices);
        return new Batch(Tensor.From<float>(rows._features, [indices.Length, FeatureCount], Device.Cpu),
            rows._classes is null ? Tensor.From<float>(rows._numbers, Device.Cpu)
                : Tensor.From<long>(rows._classes, Device.Cpu));
    }

    /// <summary>All rows as one batch.</summary>
    public Batch ToBatch() => GetBatch([.. Enumerable.Range(0, Count)]);

    /// <summary>
    /// A data set of selected rows, for example those chosen by <see cref="DataSplit"/> or <see cref="KFold"/>.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such row.</exception>
    public CsvDataset Select(ReadOnlySpan<int> indices)
    {
        SampleIndices.Check(indices, Count);
        var features = new float[checked(indices.Length * FeatureCount)];
        var classes = _classes is null ? null : new long[indices.Length];
        var numbers = _numbers is null ? null : new float[indices.Length];
        for (var i = 0; i < indices.Length; i++)
        {
            _features.AsSpan(indices[i] * FeatureCount, FeatureCount).CopyTo(features.AsSpan(i * FeatureCount));
            if (classes is not null)
                classes[i] = _classes![indices[i]];
            if (numbers is not null)
                numbers[i] = _numbers![indices[i]];
        }
        return new CsvDataset(this, indices.Length, features, classes, numbers);
    }

    /// <summary>The same rows with standardized features.</summary>
    /// <param name="standardizer">Fitted on the training rows: <c>Standardizer.Fit(train)</c>.</param>
    public CsvDataset Standardize(Standardizer standardizer)
    {
        ArgumentNullException.ThrowIfNull(standardizer);
        var features = (float[])_features.Clone();
        standardizer.Apply(features);
        return new CsvDataset(this, Count, features, _classes, _numbers);
    }

    private static void AddCategories(CsvTable table, int column, CsvSchema schema, List<float[]> columns,
        List<string> names)
    {
        var (indices, categories) = table.Categories(column, schema.MissingCategory);
        if (schema.Encoding == CategoryEncoding.Index)
        {
            columns.Add(Array.ConvertAll(indices, index => (float)index));
            names.Add(table.ColumnNames[column]);
            return;
        }
        for (var category = 0; category < categories.Count; category++)
        {
            columns.Add(Array.ConvertAll(indices, index => index == category ? 1f : 0f));
            names.Add($"{table.ColumnNames[column]}={categories[category]}");
        }
    }

    private static float[] Interleave(List<float[]> columns, int rows)
    {
        var result = new float[checked(rows * columns.Count)];
        for (var column = 0; column < columns.Count; column++)
        {
            for (var row = 0; row < rows; row++)
                result[row * columns.Count + column] = columns[column][row];
        }
        return result;
    }
}
