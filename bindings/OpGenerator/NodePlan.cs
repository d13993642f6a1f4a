// Analyses the gradient formulas of one overload: the edges and outputs its autograd node has, what it keeps for the
// backward pass, and which edges need each of those things.

namespace TorchScratch.OpGenerator;

/// <summary>A tensor argument or a result, as SavedTensor; another argument; what is read from a tensor, like sizes.</summary>
internal enum SavedKind { Tensor, Result, Value, Attribute }

/// <summary>One thing that a node keeps.</summary>
internal sealed record Saved(SavedKind Kind, string Name, string Attribute = "")
{
    public bool IsTensor => Kind is SavedKind.Tensor or SavedKind.Result;
    public string Member => IsTensor ? Name + "_" : Kind == SavedKind.Attribute ? $"{Name}_{Attribute}" : Name;
}

/// <param name="Slots">The edges whose gradients the formula computes.</param>
internal sealed record Step(IReadOnlyList<int> Slots, string Formula, string Comment);

internal sealed class NodePlan
{
    private readonly Overload overload;
    private readonly List<Argument> inputs;
    private readonly Dictionary<Saved, SortedSet<int>> saved = [];
    private readonly HashSet<string> differentiated = [];

    /// <summary>The arguments that have a formula and are tensors here; one edge each, except for a Tensor[].</summary>
    public IReadOnlyList<Argument> Inputs => inputs;

    /// <summary>The results whose gradients some formula uses; the others never require one.</summary>
    public IReadOnlyList<Result> Outputs { get; }

    public IReadOnlyList<Step> Steps { get; }

    /// <summary>In the order of the signature, with the edges that need it.</summary>
    public IEnumerable<(Saved Item, IReadOnlyCollection<int> Slots)> Saved =>
        saved.OrderBy(pair => Position(overload.Arguments, pair.Key.Name))  // results are none of them: last
            .Select(pair => (pair.Key, (IReadOnlyCollection<int>)pair.Value));

    public string TypeName => Text.Pascal(overload.Row.Title.Replace('.', '_') + overload.Suffix) + "Backward";

    /// <summary>What the user sees: one name for all overloads.</summary>
    public string DisplayName => Text.Pascal(overload.Row.Name) + "Backward";

    /// <summary>Null when nothing can be differentiated.</summary>
    public static NodePlan? Of(Overload overload) => new NodePlan(overload) is { Inputs.Count: > 0 } plan ? plan : null;

    private NodePlan(Overload overload)
    {
        this.overload = overload;
        var row = overload.Row;
        string[] named = [.. row.Gradients.SelectMany(gradient => gradient.Arguments)];
        CheckNames(row, named);
        inputs = [.. overload.Arguments.Where(a => named.Contains(a.Name) && (a.IsTensor || a.IsList))];
        if (inputs.SkipLast(1).Any(a => a.IsList))
            throw new TableException("a Tensor[] has many edges, so it must be the last argument with a formula");
        if (inputs.Count > 0 && row.Results.Any(result => result.IsList))
            throw new TableException("a Tensor[] result has no gradient formula; make the row a composite");
        Steps = [.. row.Gradients.Select(Resolve).OfType<Step>()];
        Outputs = [.. row.Results.Where(result => row.Results.Count == 1 || differentiated.Contains(result.Name))];
        if (Steps.Count > 0 && Outputs.Count == 0)
            throw new TableException("no formula names the gradient of a result: grad, or grad_ and the result's name");
    }

    private static void CheckNames(OpRow row, string[] named)
    {
        foreach (var name in named)
        {
            if (row.Arguments.FirstOrDefault(a => a.Name == name) is not { } argument)
                throw new TableException($"grad names `{name}`, which is no argument; {Expressions.Known(row)}");
            if (!argument.IsOperand && !argument.IsList)
                throw new TableException($"grad has a formula for `{name}`, which is no tensor; leave it out");
            if (named.Count(other => other == name) > 1)
                throw new TableException($"grad has two formulas for `{name}`");
        }
    }

    private static int Position(IReadOnlyList<Argument> arguments, string name) =>
        arguments.TakeWhile(a => a.Name != name).Count();

    // A formula for operands that are scalars in this overload falls away.
    private Step? Resolve(Gradient gradient)
    {
        int[] slots = [.. gradient.Arguments.Select(name => Position(inputs, name)).Where(slot => slot < inputs.Count)];
        if (slots.Length == 0 || gradient.Formula == Gradient.Zero)
            return null;
        if (slots.Length < gradient.Arguments.Count || (slots.Length > 1 && slots.Any(slot => inputs[slot].IsList)))
            throw new TableException("a formula for several arguments needs just a Tensor for each of them");
        var formula = Expressions.Rewrite(gradient.Formula, (name, attribute) =>
            Resolve(name, attribute, slots)
            ?? throw new TableException($"`{gradient.Formula}` names `{name}`, which is no argument, result or " +
                $"result's gradient (of a Tensor[] only sizes() can be kept); {Expressions.Known(overload.Row)}"));
        return new Step(slots, formula, gradient.Comment);
    }

    // Notes what a name in a formula stands for, and returns what it is called inside the node; null if it is unknown.
    private string? Resolve(string name, string attribute, int[] slots)
    {
        var (results, first) = (overload.Row.Results, overload.Row.Results[0].Name);
        if (overload.Arguments.FirstOrDefault(a => a.Name == name) is { } argument)
        {
            if (argument.IsList ? attribute == "sizes" : argument.IsTensor && attribute.Length > 0)
                return Keep(new(SavedKind.Attribute, name, attribute), slots).Member;
            if (argument.IsList)
                return null;
            Keep(new(argument.IsTensor ? SavedKind.Tensor : SavedKind.Value, name), slots);
            return Expressions.Read(name, attribute);
        }
        if (results.Any(result => result.Name == name))
        {
            Keep(new(SavedKind.Result, name), slots);
            return Expressions.Read(name, attribute);
        }
        var source = name == "grad" ? first : results.FirstOrDefault(result => name == "grad_" + result.Name)?.Name;
        if (source is null)
            return null;
        differentiated.Add(source);
        return Expressions.Read(source == first ? "grad" : name, attribute);
    }

    private Saved Keep(Saved item, int[] slots)
    {
        if (!saved.TryGetValue(item, out var needing))
            saved.Add(item, needing = []);
        needing.UnionWith(slots);
        return item;
    }
}
