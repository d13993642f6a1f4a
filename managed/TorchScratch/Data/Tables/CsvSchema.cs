// What a model reads of a table, and what it is to predict.

namespace TorchScratch.Data;

/// <summary>What the target column holds.</summary>
public enum CsvTarget
{
    /// <summary>Classes: each row gets the index (Int64) of its value among those that occur, in sorted order.</summary>
    Classes,

    /// <summary>Numbers (Float32), for regression.</summary>
    Numbers,
}

/// <summary>How a category becomes numbers.</summary>
public enum CategoryEncoding
{
    /// <summary>A column for each category, with a 1 in the row's own and 0 in the others.</summary>
    OneHot,

    /// <summary>The category's index, for an embedding.</summary>
    Index,
}

/// <summary>Which columns of a table are what.</summary>
public sealed record CsvSchema
{
    /// <summary>What to predict; the last column if not given.</summary>
    public CsvColumn Target { get; init; } = ^1;

    /// <summary>What the target holds.</summary>
    public CsvTarget TargetKind { get; init; } = CsvTarget.Classes;

    /// <summary>Features that are categories; all others are numbers.</summary>
    public IReadOnlyList<CsvColumn> Categorical { get; init; } = [];

    /// <summary>How categories become numbers.</summary>
    public CategoryEncoding Encoding { get; init; } = CategoryEncoding.OneHot;

    /// <summary>Columns that are neither features nor target.</summary>
    public IReadOnlyList<CsvColumn> Ignored { get; init; } = [];

    /// <summary>What a missing number becomes; without it, one is an error.</summary>
    public float? MissingNumber { get; init; }

    /// <summary>The category of missing ones; without it, one is an error.</summary>
    public string? MissingCategory { get; init; }
}
