// Analyses the gradient formulas of one overload: the edges and outputs of its autograd node, the values that it saves
// for the backward pass, and the edges that need each of these values.

namespace TorchScratch.OpGenerator;

/// <summary>
/// A tensor argument or result, saved as SavedTensor; another argument; or an attribute of a tensor, as sizes.
/// </summary>
internal enum SavedKind { Tensor, Result, Value, Attribute }

/// <summary>One value that a node saves.</summary>
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

    /// <summary>
    /// The tensor arguments that have a formula; each has one edge, except for a Tensor[], which has many.
    /// </summary>
    public IReadOnlyList<Argument> Inputs => inputs;

    /// <summary>The results whose gradients some formula uses; the others never require one.</summary>
    public IReadOnlyList<Result> Outputs { get; }

    public IReadOnlyList<Step> Steps { get; }

    /// <summary>The saved values in the order of the signature, with the edges that need them.</summary>
    public IEnumerable<(Saved Item, IReadOnlyCollection<int> Slots)> Saved =>
        saved.OrderBy(pair => Position(overload.Arguments, pair.Key.Name))  // results are not arguments and come last
            .Select(pair => (pair.Key, (IReadOnlyCollection<int>)pair.Value));

    public string TypeName => Text.Pascal(overload.Row.Title.Replace('.', '_') + overload.Suffix) + "Backward";

    /// <summary>The name that users see, the same for all overloads.</summary>
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
            throw new TableException("no formula uses the gradient of a result: grad, or grad_ followed by the name of the result");
    }

    private static void CheckNames(OpRow row, string[] named)
    {
        foreach (var name in named)
        {
            if (row.Arguments.FirstOrDefault(a => a.Name == name) is not { } argument)
                throw new TableException($"grad names `{name}`, which is not an argument; {Expressions.Known(row)}");
            if (!argument.IsOperand && !argument.IsList)
                throw new TableException($"grad has a formula for `{name}`, which is not a tensor; remove it");
            if (named.Count(other => other == name) > 1)
                throw new TableException($"grad has two formulas for `{name}`");
        }
    }

    private static int Position(IReadOnlyList<Argument> arguments, string name) =>
        arguments.TakeWhile(a => a.Name != name).Count();

    // A formula for operands that are scalars in this overload is omitted.
    private Step? Resolve(Gradient gradient)
    {
        int[] slots = [.. gradient.Arguments.Select(name => Position(inputs, name)).Where(slot => slot < inputs.Count)];
        if (slots.Length == 0)
            return null;
        // The operand that an in-place form overwrites has the shape and dtype of its result.
        if (gradient.Formula == Gradient.Zero)
            return new Step(slots, "zeros_of(outputs[0])", gradient.Comment);
        if (slots.Length < gradient.Arguments.Count || (slots.Length > 1 && slots.Any(slot => inputs[slot].IsList)))
            throw new TableException("a formula for several arguments requires each of them to be a Tensor");
        var formula = Expressions.Rewrite(gradient.Formula, (name, attribute) =>
            Resolve(name, attribute, slots)
            ?? throw new TableException($"`{gradient.Formula}` uses `{name}`, which is not an argument, a result or " +
                $"the gradient of a result (of a Tensor[] only sizes() can be saved); {Expressions.Known(overload.Row)}"));
        return new Step(slots, formula, gradient.Comment);
    }

    // Records what a name in a formula refers to, and returns its name inside the node, or null if it is unknown.
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
