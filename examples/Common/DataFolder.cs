// Where the data sets are.

namespace TorchScratch.Examples;

/// <summary>Finds the folder of a data set.</summary>
public static class DataFolder
{
    private const string Variable = "TORCHSCRATCH_DATA";

    /// <summary>
    /// The folder given with --data, or the set's folder in it; else the first of <c>$TORCHSCRATCH_DATA/set</c>,
    /// <c>data/set</c> and <c>../shared/data/set</c> that holds the set.
    /// </summary>
    /// <param name="given">What the user gave; null for nothing.</param>
    /// <param name="set">The set's folder, as in <c>mnist</c>.</param>
    /// <param name="isPresent">Whether a folder holds the set.</param>
    /// <returns>The folder; null if none was given and none is found.</returns>
    /// <exception cref="DirectoryNotFoundException">The folder given does not hold the set.</exception>
    public static string? Find(string? given, string set, Func<string, bool> isPresent)
    {
        ArgumentNullException.ThrowIfNull(isPresent);
        if (given is not null)
        {
            return isPresent(given) ? given
                : isPresent(Path.Combine(given, set)) ? Path.Combine(given, set)
                : throw new DirectoryNotFoundException(
                    $"{Path.GetFullPath(given)}: there is no data set {set}, whole, in this folder");
        }
        string?[] roots = [Environment.GetEnvironmentVariable(Variable), "data", Path.Combine("..", "shared", "data")];
        return roots.Where(root => !string.IsNullOrEmpty(root)).Select(root => Path.Combine(root!, set))
            .FirstOrDefault(isPresent);
    }
}
