// Reads native/ops.yaml into the model and checks each row. All problems are reported in one run, each with the name
// and the line of its row.

using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace TorchScratch.OpGenerator;

internal sealed class TableReader
{
    /// <summary>The default rules for the result of a kernel, which a row may omit.</summary>
    public const string SameShape = "same(self)", SameDType = "self.dtype()";

    private static readonly string[] Bodies = ["kernel", "view", "expr", "function"];
    private static readonly string[] Rules = ["promoted", "no_bool", "floating", "integral", "bool"];

    private readonly Dictionary<string, EnumRow> enums = [];
    private readonly List<Family> families = [];
    private readonly Dictionary<string, string> sharedDocs = [];
    private readonly Vocabulary words = new();
    private readonly Dictionary<string, string> cNames = [];
    private readonly List<string> errors = [];

    /// <summary>The table, or its problems if it is invalid.</summary>
    public static (Table? Table, IReadOnlyList<string> Errors) Read(string text)
    {
        var reader = new TableReader();
        try
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(text));
            foreach (var entry in ((YamlSequenceNode)stream.Documents[0].RootNode).Cast<YamlMappingNode>())
                reader.ReadEntry(entry);
        }
        catch (YamlException e)
        {
            reader.errors.Add($"native/ops.yaml({e.Start.Line}): {e.Message}; quote expressions with braces or `: `");
        }
        var table = new Table([.. reader.enums.Values], reader.families);
        reader.errors.AddRange(KernelEmitter.Conflicts(table));
        return (reader.errors.Count == 0 ? table : null, reader.errors);
    }

    private void ReadEntry(YamlMappingNode entry)
    {
        var (keyword, subject) = (Scalar(entry.First().Key), entry.First().Value);
        try
        {
            switch (keyword)
            {
                case "enum":
                    ExpectKeys(entry, "enum", "doc", "values");
                    enums.Add(Scalar(subject), new EnumRow(Scalar(subject), Doc(entry), [.. Map(entry, "values").Select(value =>
                        new EnumValue(value.Key, int.Parse(value.Value, CultureInfo.InvariantCulture), words.Pascal(value.Key)))]));
                    break;
                case "words":
                    ExpectKeys(entry, "words");
                    foreach (var (joined, parted) in Map(entry, "words"))
                        words.Add(joined, parted);
                    break;
                case "family":
                    ExpectKeys(entry, "family", "doc", "headers");
                    families.Add(new Family(Scalar(subject), Doc(entry), ReadList(entry, "headers") ?? [], []));
                    break;
                case "args":
                    ExpectKeys(entry, "args");
                    foreach (var (name, doc) in Map(entry, "args"))
                        sharedDocs.Add(name, doc);
                    break;
                case "op":
                    families[^1].Rows.Add(ReadRow(entry, Scalar(subject)));
                    break;
                default:
                    throw new TableException($"an entry must begin with words, enum, family, args or op, not `{keyword}`");
            }
        }
        catch (TableException e)
        {
            var title = subject is YamlScalarNode scalar ? scalar.Value!.Split('(')[0] : keyword;
            errors.Add($"native/ops.yaml({entry.Start.Line}): {title}: {e.Message}");
        }
    }

    private OpRow ReadRow(YamlMappingNode entry, string signature)
    {
        ExpectKeys(entry, "op", "doc", "args", "prepare", "kernel", "functor", "view", "expr", "function", "dtype", "shape",
            "promote", "grad", "needed", "math", "part", "inplace", "strided", "wide", "autocast", "on", "functional",
            "csharp", "example");
        var row = Signature.Parse(signature, (int)entry.Start.Line, enums);
        var ownDocs = Map(entry, "args");
        ExpectNames(ownDocs.Keys, row.Arguments.Select(a => a.Name), "args");

        var (kind, body) = entry.Where(pair => Bodies.Contains(Scalar(pair.Key))).ToList() switch
        {
            [var (key, value)] => (Scalar(key), Scalar(value)) switch
            {
                ("kernel", "pointwise") => (OpKind.Pointwise, row.Title.Replace('.', '_')),
                ("kernel", var kernel) => (OpKind.Structured, kernel),
                ("view", var view) => (OpKind.View, view),
                ("function", not "true") => throw new TableException("`function:` must be true or omitted"),
                (_, var expression) => (OpKind.Composite, expression),
            },
            _ => throw new TableException($"a row must have exactly one of {string.Join(", ", Bodies)}"),
        };
        var inPlace = ReadInPlace(entry, kind);
        row = row with
        {
            Doc = Doc(entry),
            Example = ReadExample(entry),
            Arguments = [.. row.Arguments.Select(a => a with
            {
                Doc = ownDocs.GetValueOrDefault(a.Name) ?? sharedDocs.GetValueOrDefault(a.Name),
                HasOwnDoc = ownDocs.ContainsKey(a.Name),
                CSharpName = words.Camel(a.Name),
            })],
            Results = [.. row.Results.Select(result => result with { CSharpName = words.Pascal(result.Name) })],
            Kind = kind,
            Body = body,
            Home = ReadHome(entry, row),
            IsFunctionalToo = Value(entry, "functional") == "true",
            Prepare = Map(entry, "prepare"),
            InPlace = inPlace,
            InPlaceBody = kind == OpKind.Composite && inPlace == InPlace.Also ? Value(entry, "inplace")! : "",
            IsStrided = Value(entry, "strided") == "true",
            IsPart = Value(entry, "part") == "true",
            IsWide = Value(entry, "wide") == "true",
            Autocast = Value(entry, "autocast"),
            Gradients = ReadGradients(entry),
            Needed = Map(entry, "needed"),
        };
        row = row with { MethodName = Value(entry, "csharp") ?? words.Pascal(row.OwnName) };
        if (row.IsPart && (kind != OpKind.View || row.Gradients is not [{ Arguments: ["self"] }]))
            throw new TableException("`part:` is for views that have a gradient for self only");
        if (row.IsWide && kind != OpKind.Composite)
            throw new TableException("`wide:` is for composites; a kernel converts elements itself");
        ExpectNames(row.Prepare.Keys, row.Arguments.Select(a => a.Name), "prepare");
        row = kind switch
        {
            OpKind.Pointwise => ReadPointwise(entry, row),
            OpKind.Structured => row with
            {
                Shapes = ReadByResult(entry, "shape", row, SameShape),
                DTypes = ReadByResult(entry, "dtype", row, SameDType),
            },
            _ when Find(entry, "dtype") is not null || Find(entry, "shape") is not null =>
                throw new TableException("`dtype:` and `shape:` are for kernels only; other rows get them from their expression"),
            _ => row,
        };
        if (kind == OpKind.Composite && Find(entry, "grad") is not null)
            throw new TableException("a composite must not have `grad:`; its gradient follows from the operators in expr");
        AutocastEmitter.Check(row);
        Expressions.Check(row);
        CheckInPlace(row);
        foreach (var name in row.Overloads.Select(overload => overload.CName))
        {
            if (!cNames.TryAdd(name, row.Title))
                throw new TableException($"its C name {name} is already used by {cNames[name]}; give one of them a different .overload");
        }
        return row;
    }

    private static InPlace ReadInPlace(YamlMappingNode entry, OpKind kind) => Value(entry, "inplace") switch
    {
        null => InPlace.None,
        "true" => InPlace.Also,
        "only" => InPlace.Only,
        var expression when kind == OpKind.Composite && expression.Contains('(') => InPlace.Also,
        var other => throw new TableException($"`inplace:` must be true, only or the expression of a composite, not `{other}`"),
    };

    private static void CheckInPlace(OpRow row)
    {
        if (row.IsStrided && (row.InPlace == InPlace.None || row.Kind != OpKind.Structured))
            throw new TableException("`strided:` is for kernels that write in place; add `inplace:`");
        if (row.InPlace == InPlace.None)
            return;
        if (row.Arguments is not [{ Name: "self", IsOperand: true }, ..] || row.Results is not [{ IsList: false }])
            throw new TableException("inplace is for rows whose first argument is self and whose result is one Tensor");
        if (row.Kind == OpKind.View || (row.InPlaceBody == "true" && row.Body != "true"))
            throw new TableException("`inplace: true` needs a kernel or a function; a row with expr gives the expression that writes to self");
        // When a view is modified in place, its history is connected to the first edge of the node.
        if (row.Gradients.Count > 0 && row.Gradients.All(gradient => !gradient.Arguments.Contains("self")))
            throw new TableException("a row with `inplace:` and gradient formulas needs one for self");
    }

    private static OpRow ReadPointwise(YamlMappingNode entry, OpRow row)
    {
        if (Value(entry, "dtype") is not { } rule || !Rules.Contains(rule))
            throw new TableException($"a pointwise row needs `dtype:` with one of {string.Join(", ", Rules)}");
        if (Find(entry, "shape") is not null || row.Results is not [{ Type.Kind: TypeKind.Tensor }])
            throw new TableException("a pointwise row returns one Tensor of the broadcast shape; remove `shape:`");
        foreach (var (name, type, _) in row.Arguments.Where(a => !a.IsOperand || a.Type.IsOptional))
        {
            var isNumber = type.Kind is TypeKind.Scalar or TypeKind.Int or TypeKind.Float or TypeKind.Bool;
            if (type.IsOptional || !isNumber)
                throw new TableException($"a pointwise kernel takes tensors and numbers; `{name}` is neither");
        }

        string[] operands = [.. row.Arguments.Where(a => a.IsOperand).Select(a => a.Name)];
        var promoted = ReadList(entry, "promote") ?? operands;
        if (!operands.AsSpan().EndsWith(promoted))
            throw new TableException("`promote:` must list the last operands, in order; operands that are not listed come first");
        return row with
        {
            Rule = rule,
            Unpromoted = operands.Length - promoted.Length,
            Functor = Value(entry, "functor") ?? Text.Pascal(row.Name),
        };
    }

    private static Home ReadHome(YamlMappingNode entry, OpRow row)
    {
        var on = Value(entry, "on") ?? (row.Arguments is [{ Name: "self" }, ..] ? nameof(Home.Tensor)
            : throw new TableException("its first argument is not self; specify with `on:` where C# has it"));
        return Enum.TryParse(on, out Home home) ? home
            : throw new TableException($"`on: {on}` is invalid; it must be one of {string.Join(", ", Enum.GetNames<Home>())}");
    }

    private static Dictionary<string, string> ReadByResult(YamlMappingNode entry, string key, OpRow row, string initial)
    {
        if (row.Arguments.All(a => a.Type.IsOptional || !(a.IsTensor || a.IsList)))
            throw new TableException("a kernel needs a Tensor argument that is always given, whose device it runs on; use expr");
        if (Find(entry, key) is YamlMappingNode)
        {
            var map = Map(entry, key);
            ExpectNames(map.Keys, row.Results.Select(result => result.Name), key);
            return map.Count == row.Results.Count ? map : throw new TableException($"`{key}:` must have an entry for each result");
        }
        var expression = Value(entry, key) ?? initial;
        if (expression == initial && !row.IsStep && row.Arguments.All(a => a.Name != "self"))
            throw new TableException($"there is no self to take the {key} from; add `{key}:`");
        return row.Results.ToDictionary(result => result.Name, _ => expression);
    }

    private static List<Gradient> ReadGradients(YamlMappingNode entry)
    {
        var (formulas, notes) = (Find(entry, "grad"), Map(entry, "math"));
        if (formulas is null or YamlScalarNode { Value: "none" })
            return notes.Count == 0 ? [] : throw new TableException("`math:` without a `grad:` that it explains");
        if (formulas is not YamlMappingNode map)
            throw new TableException("`grad:` must be none, or a map from arguments to formulas");
        if (map.Select(pair => Scalar(pair.Key)).FirstOrDefault(key => key.Contains(')')) is { } cut)
            throw new TableException($"`{cut}` was cut off from a formula at a comma; quote formulas inside braces");
        ExpectNames(notes.Keys, map.Select(pair => Scalar(pair.Key)), "math");
        return [.. map.Select(pair => new Gradient(
            Scalar(pair.Key).Split(", "), Scalar(pair.Value), notes.GetValueOrDefault(Scalar(pair.Key), "")))];
    }

    private static string[]? ReadList(YamlMappingNode entry, string key) =>
        Find(entry, key) is YamlSequenceNode list ? [.. list.Select(Scalar)] : null;

    private static Example? ReadExample(YamlMappingNode entry) => Find(entry, "example") switch
    {
        null => null,
        var node when Scalar(node).Split(" -> ") is [var code, var output] => new(code.Trim(), output.Trim()),
        _ => throw new TableException("`example:` must have the form `expression -> what it prints`"),
    };

    private static string Doc(YamlMappingNode entry) =>
        Find(entry, "doc") is YamlScalarNode { Value.Length: > 0 } doc ? doc.Value.Trim()
        : throw new TableException("`doc:` is missing; say what it computes");

    private static void ExpectKeys(YamlMappingNode entry, params string[] known) =>
        ExpectNames(entry.Select(pair => Scalar(pair.Key)), known, "the row");

    private static void ExpectNames(IEnumerable<string> names, IEnumerable<string> known, string where)
    {
        if (names.FirstOrDefault(name => !known.Contains(name)) is { } unknown)
            throw new TableException($"{where} names `{unknown}`, which is not one of {string.Join(", ", known)}");
    }

    private static YamlNode? Find(YamlMappingNode entry, string key) =>
        entry.Children.TryGetValue(new YamlScalarNode(key), out var node) ? node : null;

    private static string? Value(YamlMappingNode entry, string key) => Find(entry, key) is { } node ? Scalar(node) : null;

    private static Dictionary<string, string> Map(YamlMappingNode entry, string key) => Find(entry, key) switch
    {
        null => [],
        YamlMappingNode map => map.ToDictionary(pair => Scalar(pair.Key), pair => Scalar(pair.Value)),
        _ => throw new TableException($"`{key}:` must be a map from names to texts"),
    };

    private static string Scalar(YamlNode node) =>
        node is YamlScalarNode { Value: { } value } ? value
        : throw new TableException($"expected a text at line {node.Start.Line}, column {node.Start.Column}");
}
