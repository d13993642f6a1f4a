// Public names capitalize each of their words, and PyTorch's name of an operator leads to the one of C#.

using System.Reflection;
using System.Text.RegularExpressions;
using TorchScratch.NN;
using TorchScratch.Training;

namespace TorchScratch.Tests;

public partial class NamingTests
{
    private static readonly Assembly[] Libraries = [typeof(Tensor).Assembly, typeof(Trainer).Assembly,
        typeof(Images.ImageFolder).Assembly];

    // Words that only look like two others: English words, and functions that torch.nn has as classes (Softmax, GELU).
    private static readonly HashSet<string> Whole =
    [
        "asin", "below", "celu", "checkpoint", "checkpoints", "cutout", "dataset", "download", "downscale", "dropout",
        "expand", "format", "gelu", "idle", "infinite", "input", "multihead", "none", "nonzero", "norm", "output", "read",
        "recall", "recompute", "recurrent", "relu", "remove", "renorm", "reset", "reshape", "runtime", "silu", "softmax",
        "softmin",
        "softsign", "subset", "subtitle", "upper", "upsample", "upscale", "valid", "visitor", "warmup",
    ];

    [Fact]
    public void NoWordOfAPublicNameIsTwoWords()
    {
        var words = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in Libraries.SelectMany(library => library.GetExportedTypes()).SelectMany(Names))
        {
            foreach (Match word in Word().Matches(name))
                words.TryAdd(word.Value.ToLowerInvariant(), name);
        }
        Assert.True(words.Count > 500);

        var joined = from pair in words
                     where !Whole.Contains(pair.Key)
                     from i in Enumerable.Range(2, Math.Max(0, pair.Key.Length - 3))
                     where words.ContainsKey(pair.Key[..i]) && words.ContainsKey(pair.Key[i..])
                     select $"{pair.Value}: {pair.Key[..i]} + {pair.Key[i..]}";
        Assert.Equal([], joined);
    }

    [Theory]
    [InlineData("CumSum"), InlineData("MatMul"), InlineData("ArgMax"), InlineData("TopK"), InlineData("IsNaN")]
    [InlineData("LogSumExp"), InlineData("FMod"), InlineData("FlipLR"), InlineData("RSqrt"), InlineData("AMax")]
    public void WordsArePartedInMethods(string name) => Assert.Contains(typeof(Tensor).GetMethods(), m => m.Name == name);

    // The pages of the reference have PyTorch's names as their headings.
    [Fact]
    public void TheDocumentationOfAPartedNameHasTheOneOfPyTorch()
    {
        var xml = File.ReadAllText(Path.ChangeExtension(typeof(Tensor).Assembly.Location, ".xml"));
        var methods = new[] { typeof(Tensor), typeof(Functional), typeof(Linalg) }
            .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.Instance))
            .Select(method => method.Name).ToHashSet(StringComparer.Ordinal);
        var parted = 0;
        foreach (var torchName in Directory.GetFiles(Path.Combine(BindingsTests.Checkout(), "docs", "reference"), "*.md")
            .SelectMany(File.ReadLines).Select(line => Heading().Match(line)).Where(match => match.Success)
            .Select(match => match.Groups["name"].Value).Distinct())
        {
            var spelled = string.Concat(torchName.Split('_').Select(word => char.ToUpperInvariant(word[0]) + word[1..]));
            if (methods.Contains(spelled) || !methods.Any(name => name.Equals(spelled, StringComparison.OrdinalIgnoreCase)))
                continue;
            parted++;
            Assert.Contains($"PyTorch: `{torchName}`.", xml, StringComparison.Ordinal);
        }
        Assert.True(parted > 50, $"only {parted} parted names were found");
    }

    private static IEnumerable<string> Names(Type type)
    {
        const BindingFlags all =
            BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;
        yield return type.Name.Split('`')[0];
        foreach (var member in type.GetMembers(all))
        {
            if (member is MethodBase { IsPublic: false, IsFamily: false } or FieldInfo { IsPublic: false } or Type)
                continue;
            if (member is MethodBase method)
            {
                foreach (var parameter in method.GetParameters().Where(parameter => parameter.Name is not null))
                    yield return parameter.Name!;
            }
            if (member is FieldInfo or MethodInfo { IsSpecialName: false })
                yield return member.Name;
            else if (member is PropertyInfo property && property.GetAccessors().Length > 0)
                yield return member.Name;
        }
    }

    [GeneratedRegex("[A-Z]+(?![a-z])|[A-Z]?[a-z]+")]
    private static partial Regex Word();

    [GeneratedRegex("^## (?<name>[a-z][a-z0-9_]*)")]
    private static partial Regex Heading();
}
