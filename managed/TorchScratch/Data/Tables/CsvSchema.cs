// The roles of the columns of a table.

namespace TorchScratch.Data;

/// <summary>The contents of the target column.</summary>
public enum CsvTarget
{
    /// <summary>Classes: each value is replaced by its index (Int64) among the sorted distinct values.</summary>
    Classes,

    /// <summary>Numbers (Float32), for regression.</summary>
    Numbers,
}

/// <summary>How categories are converted to numbers.</summary>
public enum CategoryEncoding
{
    /// <summary>A column for each category, which is 1 for rows of this category and 0 for others.</summary>
    OneHot,

    /// <summary>The index of the category, for an embedding.</summary>
    Index,
}

/// <summary>The roles of the columns of a table.</summary>
public sealed record CsvSchema
{
    /// <summary>The column to predict; the last one if not given.</summary>
    public CsvColumn Target { get; init; } = ^1;

    /// <summary>The contents of the target column.</summary>
    public CsvTarget TargetKind { get; init; } = CsvTarget.Classes;

    /// <summary>The features that are categories; all others are numbers.</summary>
    public IReadOnlyList<CsvColumn> Categorical { get; init; } = [];

    /// <summary>How categories are converted to numbers.</summary>
    public CategoryEncoding Encoding { get; init; } = CategoryEncoding.OneHot;

    /// <summary>Columns that are neither features nor target.</summary>
    public IReadOnlyList<CsvColumn> Ignored { get; init; } = [];

    /// <summary>The replacement for missing numbers; if null, a missing number is an error.</summary>
    public float? MissingNumber { get; init; }

    /// <summary>The category of missing values; if null, a missing category is an error.</summary>
    public string? MissingCategory { get; init; }
}
