// The modules of a model with their shapes, parameters and operations.

using System.Runtime.CompilerServices;
using System.Text;

namespace TorchScratch.NN;

/// <summary>A module that does most of its work in matrix products, and can count their operations.</summary>
internal interface ICountsFlops
{
    /// <summary>The floating-point operations of a call; a multiplication and an addition count as two.</summary>
    long CountFlops(object? input, object? output);
}

/// <summary>One call of a module of a model.</summary>
/// <param name="Name">The path of the module in the model; "" for the model itself.</param>
/// <param name="Type">The class of the module.</param>
/// <param name="OutputShape">The shapes of its outputs.</param>
/// <param name="ParameterCount">The number of elements of its own parameters, without those of its children.</param>
/// <param name="Flops">
/// The floating-point operations of its own matrix products; other operations are not counted.
/// </param>
public sealed record LayerSummary(string Name, string Type, string OutputShape, long ParameterCount, long Flops);

/// <summary>
/// The modules of a model in the order in which a call of the model finished them, with shapes,
/// parameters and operations.
/// </summary>
public sealed class ModelSummary
{
    internal ModelSummary(IReadOnlyList<LayerSummary> layers, long parameters, long trainable) =>
        (Layers, ParameterCount, TrainableParameterCount) = (layers, parameters, trainable);

    /// <summary>One entry for each call of a module.</summary>
    public IReadOnlyList<LayerSummary> Layers { get; }

    /// <summary>The number of elements of all parameters; a shared parameter counts once.</summary>
    public long ParameterCount { get; }

    /// <summary>The number of elements of the parameters that require a gradient.</summary>
    public long TrainableParameterCount { get; }

    /// <summary>The floating-point operations of the matrix products of a forward pass.</summary>
    public long Flops => Layers.Sum(layer => layer.Flops);

    /// <summary>A table with a row for each call, followed by totals.</summary>
    public override string ToString()
    {
        string[] header = ["module", "type", "output", "parameters", "flops"];
        string[][] rows =
        [
            header,
            .. Layers.Select(layer => new[]
            {
                layer.Name.Length == 0 ? "(model)" : layer.Name, layer.Type, layer.OutputShape,
                Text(layer.ParameterCount), Text(layer.Flops),
            }),
        ];
        var widths = Enumerable.Range(0, header.Length).Select(column => rows.Max(row => row[column].Length)).ToArray();
        var text = new StringBuilder();
        foreach (var row in rows)
        {
            var cells = row.Select((cell, column) => column < 3 ? cell.PadRight(widths[column])
                : cell.PadLeft(widths[column]));
            text.AppendJoin("  ", cells).Append('\n');
        }
        text.Append($"{Text(ParameterCount)} parameters, {Text(TrainableParameterCount)} of them trainable; ");
        return text.Append($"{Text(Flops)} floating-point operations in matrix products").ToString();

        static string Text(long number) => number.ToString("N0", System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>Calls a model in evaluation mode, without recording, and records every module that is called.</summary>
    internal static ModelSummary Of<TIn, TOut>(Module<TIn, TOut> model, TIn input)
    {
        var names = new Dictionary<Module, string>(ReferenceEqualityComparer.Instance);
        foreach (var (name, module) in model.NamedModules())
            names.Add(module, name);
        var wasTraining = names.Keys.Where(module => module.IsTraining).ToArray();
        var layers = new List<LayerSummary>();
        var hooks = new List<IDisposable>();
        try
        {
            foreach (var module in names.Keys)
                hooks.Add(module.Observe((called, given, result) => layers.Add(Layer(called, given, result))));
            model.SetMode(false);
            using var noGrad = Autograd.NoGrad();
            using var scope = Tensor.Scope();
            model.Call(input);
        }
        finally
        {
            foreach (var hook in hooks)
                hook.Dispose();
            foreach (var module in wasTraining)
                module.SetTraining(true);
        }
        return new(layers, model.Parameters().Sum(parameter => parameter.ElementCount),
            model.Parameters().Where(parameter => parameter.RequiresGrad).Sum(parameter => parameter.ElementCount));

        LayerSummary Layer(Module called, object? given, object? result) => new(names[called], called.TypeName,
            string.Join(", ", Tensors(result).Select(tensor => tensor.ShapeText)),
            called.OwnParameters.Sum(parameter => parameter.ElementCount),
            called is ICountsFlops counter ? counter.CountFlops(given, result) : 0);
    }

    /// <summary>The tensor, or the tensors of a tuple, nested or not.</summary>
    internal static IEnumerable<Tensor> Tensors(object? value) => value switch
    {
        Tensor tensor => [tensor],
        ITuple tuple => Enumerable.Range(0, tuple.Length).SelectMany(i => Tensors(tuple[i])),
        _ => [],
    };
}
