// The header files, their hash, and the checks that must happen before CppSharp parses them.

using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace TorchScratch.BindingGenerator;

/// <summary>The header uses something that has no blittable C# form, or breaks one of its own conventions.</summary>
internal sealed class UnsupportedHeaderException(string message) : Exception(message);

/// <summary>The files that declare the C ABI: <c>c_api.h</c>, then the generated <c>c_api_ops.g.h</c>.</summary>
internal sealed partial class HeaderFiles
{
    /// <summary>Full paths, in the order in which they are hashed.</summary>
    public List<string> Paths { get; }

    /// <summary>SHA-256, in lower-case hex, of the concatenated files without carriage returns.</summary>
    public string Hash { get; }

    private HeaderFiles(List<string> paths, string hash) => (Paths, Hash) = (paths, hash);

    public static HeaderFiles Open(string headerPath)
    {
        var header = Path.GetFullPath(headerPath);
        var operators = Path.ChangeExtension(header, null) + "_ops.g.h";
        List<string> paths = [header, operators];

        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var path in paths)
        {
            var text = File.ReadAllText(path).Replace("\r", "");
            RejectTrailingComments(path, text);
            sha.AppendData(Encoding.UTF8.GetBytes(text));
        }
        return new HeaderFiles(paths, Convert.ToHexStringLower(sha.GetHashAndReset()));
    }

    // clang attaches such a comment to the declaration that follows, so a @fast would land on the wrong function.
    private static void RejectTrailingComments(string path, string text)
    {
        if (TrailingComment().Match(text) is { Success: true } match)
        {
            var line = text.AsSpan(0, match.Index).Count('\n') + 1;
            throw new UnsupportedHeaderException($"{Path.GetFileName(path)}({line}): a doc comment after a declaration " +
                "must open with /**< or ///<; otherwise clang attaches it to the next declaration");
        }
    }

    [GeneratedRegex(@"[;,{][ \t]*(/\*\*(?![</*])|///(?!<))")]
    private static partial Regex TrailingComment();
}
