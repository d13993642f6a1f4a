// The format of a file of comma-separated values.

namespace TorchScratch.Data;

/// <summary>The format of a file of comma-separated values.</summary>
public sealed record CsvOptions
{
    /// <summary>The character between two fields; neither a quote nor a line break.</summary>
    public char Delimiter { get; init; } = ',';

    /// <summary>
    /// Whether the first record holds the names of the columns; otherwise they are called "0", "1" and so on.
    /// </summary>
    public bool HasHeader { get; init; } = true;

    /// <summary>The number of lines to skip before the header or the first record.</summary>
    public int SkipLines { get; init; }

    /// <summary>Fields that stand for a missing value, without surrounding spaces.</summary>
    public IReadOnlyList<string> MissingValues { get; init; } = ["", "NA", "N/A", "NaN", "nan", "null", "?"];

    internal void Check()
    {
        if (Delimiter is '"' or '\r' or '\n')
            throw new ArgumentException("a delimiter must be neither a quote nor a line break", nameof(Delimiter));
        ArgumentOutOfRangeException.ThrowIfNegative(SkipLines);
        ArgumentNullException.ThrowIfNull(MissingValues);
    }
}

/// <summary>A column, by its name or its index: <c>"price"</c>, <c>3</c>, <c>^1</c>.</summary>
public readonly record struct CsvColumn
{
    private readonly string? _name;
    private readonly Index _index;

    private CsvColumn(string? name, Index index) => (_name, _index) = (name, index);

    /// <summary>The column with this name.</summary>
    public static implicit operator CsvColumn(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return new(name, default);
    }

    /// <summary>The column with this index, from 0.</summary>
    public static implicit operator CsvColumn(int index) => new(null, index);

    /// <summary>The column with this index, from either end.</summary>
    public static implicit operator CsvColumn(Index index) => new(null, index);

    /// <summary>The name or the index, for error messages.</summary>
    public override string ToString() => _name is null ? $"{_index}" : $"\"{_name}\"";

    internal int In(IReadOnlyList<string> names, string file)
    {
        for (var i = 0; _name is not null && i < names.Count; i++)
        {
            if (names[i] == _name)
                return i;
        }
        var index = _name is null ? _index.GetOffset(names.Count) : -1;
        return index >= 0 && index < names.Count
            ? index
            : throw new ArgumentException($"{file} has no column {this}; its {names.Count} columns are " +
                string.Join(", ", names));
    }
}
