// Where to look for a data set.

namespace TorchScratch.Examples;

/// <summary>Finds the folder or the file of a data set.</summary>
public static class DataFolder
{
    private const string Variable = "TORCHSCRATCH_DATA";

    /// <summary>
    /// The folder given with --data, or the set's folder in it; without --data, the first of
    /// <c>$TORCHSCRATCH_DATA/set</c>, <c>data/set</c> and <c>../shared/data/set</c> that holds the set.
    /// </summary>
    /// <param name="given">What the user gave; null for nothing.</param>
    /// <param name="set">The set's folder, as in <c>mnist</c>.</param>
    /// <param name="isPresent">Whether a folder holds the set.</param>
    /// <returns>The folder; null if none was given and none is found.</returns>
    /// <exception cref="DirectoryNotFoundException">The given folder does not hold the set.</exception>
    public static string? Find(string? given, string set, Func<string, bool> isPresent)
    {
        ArgumentNullException.ThrowIfNull(isPresent);
        if (given is not null)
        {
            return isPresent(given) ? given
                : isPresent(Path.Combine(given, set)) ? Path.Combine(given, set)
                : throw new DirectoryNotFoundException(
                    $"{Path.GetFullPath(given)}: this folder does not hold a complete copy of the data set {set}");
        }
        return Places(set).FirstOrDefault(isPresent);
    }

    /// <summary>The end of a message about a data set that is nowhere: the places searched, and what to do.</summary>
    public static string Searched(string set) =>
        $"looked in {string.Join(", ", Places(set).Select(Path.GetFullPath))}" +
        (string.IsNullOrEmpty(Environment.GetEnvironmentVariable(Variable)) ? $"; {Variable} is not set" : "") +
        $". Give the folder with --data, or set {Variable} to the folder that contains {set}/";

    private static IEnumerable<string> Places(string set)
    {
        string?[] roots = [Environment.GetEnvironmentVariable(Variable), "data", Path.Combine("..", "shared", "data")];
        return roots.Where(root => !string.IsNullOrEmpty(root)).Select(root => Path.Combine(root!, set));
    }

    /// <summary>
    /// A data set of one file: the file given with --data, or one found as by <see cref="Find"/>; null if none was
    /// given and none is found.
    /// </summary>
    /// <param name="given">What the user gave: the file or its folder; null for nothing.</param>
    /// <param name="set">The set's folder, as in <c>text</c>.</param>
    /// <param name="fileName">The file's name in that folder.</param>
    /// <exception cref="DirectoryNotFoundException">The given folder does not have the file.</exception>
    public static string? TryFindFile(string? given, string set, string fileName)
    {
        if (File.Exists(given))
            return given;
        var folder = Find(given, set, folder => File.Exists(Path.Combine(folder, fileName)));
        return folder is null ? null : Path.Combine(folder, fileName);
    }

    /// <summary>As <see cref="TryFindFile"/>, with an exception if it is not found.</summary>
    /// <param name="given">What the user gave: the file or its folder; null for nothing.</param>
    /// <param name="set">The set's folder, as in <c>text</c>.</param>
    /// <param name="fileName">The file's name in that folder.</param>
    /// <exception cref="FileNotFoundException">
    /// Nothing was given, and none of the known places has the file.
    /// </exception>
    /// <exception cref="DirectoryNotFoundException">The given folder does not have the file.</exception>
    public static string FindFile(string? given, string set, string fileName) =>
        TryFindFile(given, set, fileName)
            ?? throw new FileNotFoundException($"{fileName} was not found; {Searched(set)}");
}
