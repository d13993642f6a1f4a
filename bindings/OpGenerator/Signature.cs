// Parses "name.overload(Type argument=default, ...) -> results".

using System.Globalization;
using System.Text.RegularExpressions;

namespace TorchScratch.OpGenerator;

/// <summary>An error in the table, with a message that says what must be changed and where.</summary>
internal sealed class TableException(string problem) : Exception(problem);

internal static partial class Signature
{
    // Names that generated functions and nodes use themselves.
    private static readonly HashSet<string> Taken =
        ["result", "results", "grad", "grads", "grad_inputs", "node", "call", "scope", "recording", "tensor", "out",
        "name", "edges", "outputs", "cast"];

    private static readonly TypeKind[] CanBeOptional =
        [TypeKind.Tensor, TypeKind.TensorList, TypeKind.Scalar, TypeKind.Int, TypeKind.Float, TypeKind.DType,
        TypeKind.Device];

    private static readonly Dictionary<string, EnumRow> NoEnums = [];

    public static OpRow Parse(string text, int line, IReadOnlyDictionary<string, EnumRow> enums)
    {
        var match = Whole().Match(text);
        if (!match.Success)
            throw new TableException("a signature must have the form `name(Type argument=default, ...) -> Tensor`");

        Argument[] arguments = [.. Split(match.Groups["arguments"].Value).Select(item => ParseArgument(item, enums))];
        var results = match.Groups["results"].Value;
        Result[] parsed = results.StartsWith('(')
            ? [.. Split(results[1..^1]).Select(item => ParseResult(item))]
            : [ParseResult(results + " result")];
        Check(arguments, parsed);
        return new OpRow
        {
            Line = line,
            Signature = text,
            Name = match.Groups["name"].Value,
            OverloadName = match.Groups["overload"].Value,
            Arguments = arguments,
            Results = parsed,
        };
    }

    private static string[] Split(string list) =>
        list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static Argument ParseArgument(string text, IReadOnlyDictionary<string, EnumRow> enums)
    {
        var match = Named().Match(text);
        if (!match.Success)
            throw new TableException($"cannot read the argument `{text}`; write `Type name` or `Type name=default`");
        var type = ParseType(match.Groups["type"].Value, enums);
        var initial = match.Groups["default"] is { Success: true, Value: var value } ? value : null;
        if (initial is not null && !Suits(type, initial))
            throw new TableException($"the default of `{text}` does not match its type");
        if (type.Kind == TypeKind.Bool)
            initial = initial?.ToLowerInvariant();
        return new Argument(match.Groups["name"].Value, type, initial);
    }

    private static Result ParseResult(string text)
    {
        var match = Named().Match(text);
        return match.Groups["type"].Value is "Tensor" or "Tensor?" or "Tensor[]" && !match.Groups["default"].Success
            ? new Result(match.Groups["name"].Value, ParseType(match.Groups["type"].Value, NoEnums))
            : throw new TableException($"cannot read the result `{text}`; write Tensor, Tensor[] or (Tensor a, Tensor? b, ...)");
    }

    private static OpType ParseType(string text, IReadOnlyDictionary<string, EnumRow> enums)
    {
        // In Tensor?[] the entries of the list are optional.
        var isOptional = text.EndsWith('?') || text == "Tensor?[]";
        var name = text.Replace("?", "");
        if (IntListType().Match(name) is { Success: true } list)
            return new(TypeKind.IntList, isOptional, list.Groups["length"].ValueSpan is [var digit] ? digit - '0' : 0);
        if (!isOptional && enums.TryGetValue(name, out var row))
            return new(TypeKind.Enum, Enum: row);
        var kind = OpType.AllNames.FirstOrDefault(pair => pair.Value.Table == name);
        return kind.Value is not null && (!isOptional || CanBeOptional.Contains(kind.Key)) ? new(kind.Key, isOptional)
            : throw new TableException($"unknown type `{text}`; the head of the table lists all types, and an enum must be declared before it is used");
    }

    private static bool Suits(OpType type, string value) => value == "None" ? type.IsOptional : type.Kind switch
    {
        TypeKind.Int => long.TryParse(value, CultureInfo.InvariantCulture, out _),
        TypeKind.IntList => type.Length > 0 && long.TryParse(value, CultureInfo.InvariantCulture, out _),
        TypeKind.Float or TypeKind.Scalar => double.TryParse(value, CultureInfo.InvariantCulture, out _),
        TypeKind.Bool => value is "True" or "False" or "true" or "false",
        TypeKind.Enum => type.Enum!.Values.Any(entry => entry.Name == value),
        _ => false,
    };

    private static void Check(Argument[] arguments, Result[] results)
    {
        var names = new HashSet<string>(results.Length > 1 ? results.Select(result => result.Name) : []);
        if (results.Length > 1 && names.Count != results.Length)
            throw new TableException("two results have the same name");
        foreach (var argument in arguments)
        {
            if (Taken.Contains(argument.Name))
                throw new TableException($"no argument can be called `{argument.Name}`: generated code uses that name");
            if (!names.Add(argument.Name) || results.Any(result => argument.Name == "grad_" + result.Name))
                throw new TableException($"`{argument.Name}` is used twice; rename one of the two");
        }
        if (arguments.SkipWhile(a => a.Default is null).FirstOrDefault(a => a.Default is null) is { Name: var late })
            throw new TableException($"`{late}` needs a default, because an argument before it has one");
    }

    [GeneratedRegex("""
        ^(?<name>[a-z]\w*)(?<!_)(?:\.(?<overload>[a-z]\w*))?\((?<arguments>[^()]*)\)\ ->\ (?<results>\S+|\([^()]*\))$
        """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Whole();

    [GeneratedRegex(@"^(?<type>\S+)\s+(?<name>[a-z]\w*)(?:\s*=\s*(?<default>\S+))?$")]
    private static partial Regex Named();

    [GeneratedRegex(@"^int\[(?<length>[1-9]?)\]$")]
    private static partial Regex IntListType();
}
