// How a file of comma-separated values is to be understood.

namespace TorchScratch.Data;

/// <summary>The form of a file of comma-separated values.</summary>
public sealed record CsvOptions
{
    /// <summary>What stands between two fields; not a quote and not a line end.</summary>
    public char Delimiter { get; init; } = ',';

    /// <summary>Whether the first record names the columns; else they are called "0", "1" and so on.</summary>
    public bool HasHeader { get; init; } = true;

    /// <summary>Lines before the first record, or before the header, that are no records.</summary>
    public int SkipLines { get; init; }

    /// <summary>Fields, without spaces around them, that stand for a value that is not known.</summary>
    public IReadOnlyList<string> MissingValues { get; init; } = ["", "NA", "N/A", "NaN", "nan", "null", "?"];

    internal void Check()
    {
        if (Delimiter is '"' or '\r' or '\n')
            throw new ArgumentException("a delimiter is neither a quote nor a line end", nameof(Delimiter));
        ArgumentOutOfRangeException.ThrowIfNegative(SkipLines);
        ArgumentNullException.ThrowIfNull(MissingValues);
    }
}

/// <summary>A column, by its name or its place: <c>"price"</c>, <c>3</c>, <c>^1</c>.</summary>
public readonly record struct CsvColumn
{
    private readonly string? _name;
    private readonly Index _place;

    private CsvColumn(string? name, Index place) => (_name, _place) = (name, place);

    /// <summary>The column of this name.</summary>
    public static implicit operator CsvColumn(string name) => new(name, default);

    /// <summary>The column at this place, from 0.</summary>
    public static implicit operator CsvColumn(int place) => new(null, place);

    /// <summary>The column at this place, from either end.</summary>
    public static implicit operator CsvColumn(Index place) => new(null, place);

    /// <summary>As in an error message.</summary>
    public override string ToString() => _name is null ? $"{_place}" : $"\"{_name}\"";

    internal int In(IReadOnlyList<string> names, string file)
    {
        for (var i = 0; _name is not null && i < names.Count; i++)
        {
            if (names[i] == _name)
                return i;
        }
        var place = _name is null ? _place.GetOffset(names.Count) : -1;
        return place >= 0 && place < names.Count
            ? place
            : throw new ArgumentException($"{file} has no column {this}; its {names.Count} columns are {string.Join(", ", names)}");
    }
}
