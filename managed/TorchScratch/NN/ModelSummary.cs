// What a model consists of, in numbers.

using System.Runtime.CompilerServices;
using System.Text;

namespace TorchScratch.NN;

/// <summary>A module whose work is products of matrices, which is most of the work there is.</summary>
internal interface ICountsFlops
{
    /// <summary>Operations of a call, a multiplication and an addition being two.</summary>
    long CountFlops(object? input, object? output);
}

/// <summary>One module of a model as a call met it.</summary>
/// <param name="Name">Its path in the model; "" for the model itself.</param>
/// <param name="Type">Its class.</param>
/// <param name="OutputShape">Shapes of its outputs.</param>
/// <param name="ParameterCount">Elements of its own parameters, without those of modules below it.</param>
/// <param name="Flops">Floating-point operations of its own products; what else it computes is not counted.</param>
public sealed record LayerSummary(string Name, string Type, string OutputShape, long ParameterCount, long Flops);

/// <summary>
/// The modules of a model in the order in which a call met them, with shapes, parameters and operations.
/// </summary>
public sealed class ModelSummary
{
    internal ModelSummary(IReadOnlyList<LayerSummary> layers, long parameters, long trainable) =>
        (Layers, ParameterCount, TrainableParameterCount) = (layers, parameters, trainable);

    /// <summary>One entry for each call of a module.</summary>
    public IReadOnlyList<LayerSummary> Layers { get; }

    /// <summary>Elements of all parameters; a shared one counts once.</summary>
    public long ParameterCount { get; }

    /// <summary>Of these, the ones that learn.</summary>
    public long TrainableParameterCount { get; }

    /// <summary>Floating-point operations of a forward pass: those of its matrix products.</summary>
    public long Flops => Layers.Sum(layer => layer.Flops);

    /// <summary>A table.</summary>
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

    /// <summary>Calls a model, in evaluation and without recording, and notes every module that is called.</summary>
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
            model.Eval();
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

    /// <summary>The tensors in a tensor or a tuple.</summary>
    internal static IEnumerable<Tensor> Tensors(object? value) => value switch
    {
        Tensor tensor => [tensor],
        ITuple tuple => Enumerable.Range(0, tuple.Length).SelectMany(i => Tensors(tuple[i])),
        _ => [],
    };
}
