// Finds the file of native/src/backend/pointwise/ that defines a functor.

using System.Text.RegularExpressions;

namespace TorchScratch.OpGenerator;

internal static partial class Functors
{
    private const string Folder = "native/src/backend/pointwise";

    /// <summary>Pointwise rows by the file of their functor, without folder and extension.</summary>
    public static IEnumerable<IGrouping<string, OpRow>> ByFile(Table table, string root)
    {
        var definitions =
            from path in Directory.EnumerateFiles(Path.Combine(root, Folder), "*.h").Order(StringComparer.Ordinal)
            from match in Definition().Matches(File.ReadAllText(path))
            select (match.Groups["name"].Value, Path.GetFileNameWithoutExtension(path));
        var files = definitions.ToDictionary();
        return table.Rows.Where(row => row.Kind == OpKind.Pointwise).GroupBy(row => files.GetValueOrDefault(row.Functor) ??
            throw new TableException($"native/ops.yaml({row.Line}): {row.Title}: the functor `{row.Functor}` is missing; define it in {Folder}/"));
    }

    [GeneratedRegex(@"^(?:struct|using|TS_UNARY\(|TS_BINARY\()\s*(?<name>\w+)", RegexOptions.Multiline)]
    private static partial Regex Definition();
}
