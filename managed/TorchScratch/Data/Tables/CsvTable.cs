// A table of comma-separated values in memory.

using System.Globalization;
using TorchScratch.IO;

namespace TorchScratch.Data;

/// <summary>
/// The fields of a file as text, and its columns as numbers or categories. Error messages name the file, the line and
/// the column, the latter two counted from 1.
/// </summary>
public sealed class CsvTable
{
    // Compressed content up to this size is read whatever it consists of. Fields in memory are larger than in a file.
    private const long FreeBytes = 2 << 20;

    private const int MaxColumns = 1 << 20;

    private readonly string[]? _header;
    private readonly string[] _names;
    private readonly List<string[]> _rows = [];
    private readonly List<int> _lines = [];
    private readonly HashSet<string> _missing;

    private CsvTable(TextReader text, string name, CsvOptions options)
    {
        options.Check();
        Name = name;
        _missing = [.. options.MissingValues];
        var reader = new CsvReader(text, name, options.Delimiter);
        reader.SkipLines(options.SkipLines);
        var header = options.HasHeader ? reader.Read(MaxColumns) : null;
        if (options.HasHeader && header is null)
            throw CsvReader.Error(name, 1 + options.SkipLines, 1,
                "the file ends here, but the names of the columns were expected");
        _header = header;
        var first = reader.Line;
        var columns = header is null ? MaxColumns : CountColumns(reader, name);
        while (reader.Read(columns) is { } row)
        {
            if (_rows.Count == 0 && header is null)
            {
                first = reader.Line;
                columns = CountColumns(reader, name);
            }
            if (reader.FieldCount != columns)
            {
                throw CsvReader.Error(name, reader.Line, Math.Min(reader.FieldCount, columns) + 1,
                    $"the line has {reader.FieldCount} fields, expected {columns} as in line {first}");
            }
            _rows.Add(row);
            _lines.Add(reader.Line);
        }
        _names = header is not null
            ? [.. header.Select(field => field.Trim())]
            : [.. Enumerable.Range(0, _rows.Count == 0 ? 0 : _rows[0].Length).Select(i => $"{i}")];
        if (_names.GroupBy(column => column).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw CsvReader.Error(name, first, Array.LastIndexOf(_names, twice.Key) + 1,
                $"another column is already called \"{twice.Key}\"");
    }

    /// <summary>The path of the file, or the name given to a text.</summary>
    public string Name { get; }

    /// <summary>The number of records, without the header.</summary>
    public int RowCount => _rows.Count;

    /// <summary>The names of the columns, or "0", "1" and so on without a header.</summary>
    public IReadOnlyList<string> ColumnNames => _names;

    /// <summary>One field, as in the file.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such row.</exception>
    /// <exception cref="ArgumentException">There is no such column.</exception>
    public string this[int row, CsvColumn column]
    {
        get
        {
            if ((uint)row >= (uint)RowCount)
                throw new ArgumentOutOfRangeException(nameof(row), row, $"{Name} has {RowCount} rows");
            return _rows[row][column.In(_names, Name)];
        }
    }

    /// <summary>Reads a file in UTF-8, which may be compressed with gzip.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">The format of the file; commas and a header if not given.</param>
    /// <exception cref="TensorIOException">
    /// The file is malformed, or it is compressed and cut off, damaged or more than 100 times as large when it is
    /// unpacked; the message says where.
    /// </exception>
    /// <exception cref="IOException">The file does not exist or cannot be read.</exception>
    public static CsvTable Load(string path, CsvOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using var stream = DataInput.Open(path, FreeBytes);
        using var reader = new StreamReader(stream);
        var table = new CsvTable(reader, path, options ?? new CsvOptions());
        if (stream is GzipInput { Members: > 1 } && table._header is not null)
            table.CheckHeaderIsNotRepeated();
        return table;
    }

    /// <summary>Reads a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="options">The format of the text; commas and a header if not given.</param>
    /// <param name="name">Its name in error messages.</param>
    /// <exception cref="TensorIOException">The text is malformed; the message says where.</exception>
    public static CsvTable Parse(string text, CsvOptions? options = null, string name = "text")
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(name);
        return new(new StringReader(text), name, options ?? new CsvOptions());
    }

    /// <summary>Whether a field is missing, as defined by <see cref="CsvOptions.MissingValues"/>.</summary>
    public bool IsMissing(int row, CsvColumn column) => _missing.Contains(this[row, column].Trim());

    /// <summary>A column as numbers.</summary>
    /// <param name="column">The column.</param>
    /// <param name="missing">The replacement for missing values; if null, a missing value is an error.</param>
    /// <exception cref="TensorIOException">
    /// A field is missing or is not a finite number; the message says which.
    /// </exception>
    public float[] Numbers(CsvColumn column, float? missing = null)
    {
        var index = column.In(_names, Name);
        var numbers = new float[RowCount];
        for (var row = 0; row < numbers.Length; row++)
        {
            var field = _rows[row][index].Trim();
            if (_missing.Contains(field))
                numbers[row] = missing ?? throw Missing(row, index);
            else if (float.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) &&
                float.IsFinite(value))
                numbers[row] = value;
            else
                throw Error(row, index,
                    $"\"{field}\" is not a finite number; declare a column of text as categorical");
        }
        return numbers;
    }

    /// <summary>
    /// A column as categories: for each row the index of its value among the distinct values, which are sorted as
    /// numbers if all are numbers and as text otherwise.
    /// </summary>
    /// <param name="column">The column.</param>
    /// <param name="missing">The category of missing values; if null, a missing value is an error.</param>
    /// <exception cref="TensorIOException">A field is missing; the message says which.</exception>
    public (int[] Indices, IReadOnlyList<string> Names) Categories(CsvColumn column, string? missing = null)
    {
        var index = column.In(_names, Name);
        var fields = new string[RowCount];
        for (var row = 0; row < fields.Length; row++)
        {
            var field = _rows[row][index].Trim();
            fields[row] = _missing.Contains(field) ? missing ?? throw Missing(row, index) : field;
        }
        var names = fields.Distinct().ToArray();
        var numbers = names.Select(field =>
            double.TryParse(field, CultureInfo.InvariantCulture, out var value) ? value : double.NaN)
            .ToArray();
        if (numbers.Any(double.IsNaN))
            Array.Sort(names, StringComparer.Ordinal);
        else
            Array.Sort(numbers, names);
        var indices = names.Select((field, i) => (Field: field, Index: i))
            .ToDictionary(pair => pair.Field, pair => pair.Index);
        return ([.. fields.Select(field => indices[field])], Array.AsReadOnly(names));
    }

    private static int CountColumns(CsvReader reader, string name) =>
        reader.FieldCount <= MaxColumns ? reader.FieldCount
            : throw CsvReader.Error(name, reader.Line, MaxColumns + 1,
                $"the line has {reader.FieldCount} fields, a table has at most {MaxColumns}; is the delimiter right?");

    // Compressed tables that were joined into one file bring their headers along.
    private void CheckHeaderIsNotRepeated()
    {
        for (var row = 0; row < _rows.Count; row++)
        {
            if (_rows[row].AsSpan().SequenceEqual(_header))
            {
                throw CsvReader.Error(Name, _lines[row], 1, "the names of the columns are repeated here: the file " +
                    "consists of several gzip members, each with a header; read them one by one");
            }
        }
    }

    internal TensorIOException Error(int row, int column, string what) =>
        CsvReader.Error(Name, _lines[row], column + 1, $"(\"{_names[column]}\") {what}");

    private TensorIOException Missing(int row, int column) =>
        Error(row, column, "the value is missing; specify a replacement, or omit the column or the row");
}
