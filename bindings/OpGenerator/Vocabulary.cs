// How C# writes a name of the table: each word begins with a capital letter.

namespace TorchScratch.OpGenerator;

/// <summary>
/// The entry `words` of the table: where PyTorch joins words, how C# parts them, as in argmax, ArgMax. It applies to each
/// part of a name between underscores, of operators, arguments, results and values of enums.
/// </summary>
internal sealed class Vocabulary
{
    private readonly Dictionary<string, string> words = [];

    public void Add(string joined, string parted)
    {
        if (!string.Equals(joined, parted, StringComparison.OrdinalIgnoreCase) || parted == Text.Pascal(joined))
            throw new TableException($"`{joined}: {parted}` must give the same letters with a capital for each word");
        if (!words.TryAdd(joined, parted))
            throw new TableException($"`{joined}` is there twice");
    }

    /// <summary>linalg_svdvals -> LinalgSvdVals</summary>
    public string Pascal(string name) =>
        string.Concat(name.Split('_').Select(word => words.GetValueOrDefault(word) ?? Text.Pascal(word)));

    /// <summary>keepdim -> keepDim</summary>
    public string Camel(string name) => char.ToLowerInvariant(name[0]) + Pascal(name)[1..];
}
