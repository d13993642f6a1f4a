// Checks modules.json: state dict, outputs, gradients, state after the pass, outputs in evaluation.

using System.Text.Json;
using TorchScratch.Conformance.Checks;
using TorchScratch.NN;

namespace TorchScratch.Conformance.Training;

internal static class ModuleCases
{
    /// <summary>A description of the first difference; null if there is none.</summary>
    public static string? Check(TrainingFile file, JsonElement sample)
    {
        using var module = Make(sample.GetProperty("module").GetString()!,
            file.Arguments(sample.GetProperty("args")), file.Options(sample.GetProperty("options")));
        Tensor[] expected = [.. file.List(sample.GetProperty("outputs")).OfType<Tensor>()];
        module.To(DTypeOf(sample) ?? expected[0].DType);
        var state = file.Named(sample.GetProperty("state"));
        var names = module.StateDict().Keys.ToArray();
        if (!names.SequenceEqual(state.Keys))
            return $"the state dict has {string.Join(", ", names)} instead of {string.Join(", ", state.Keys)}";
        module.LoadStateDict(state);

        var gradients = new Queue<Tensor?>(file.List(sample.GetProperty("input_grads")));
        var asked = new List<(Tensor Input, Tensor Gradient)>();
        Tensor[] inputs = [.. file.List(sample.GetProperty("inputs")).Select(tensor => tensor!.Detach())];
        // Gradients are listed only for inputs that can have one.
        foreach (var input in inputs.Where(input => input.DType.IsFloatingPoint && gradients.Count > 0))
        {
            if (gradients.Dequeue() is { } gradient)
                asked.Add((input.RequiresGrad_(), gradient));
        }
        var outputs = ModuleCall.Invoke(module, inputs);
        if (Difference("output", outputs, expected) is { } difference)
            return difference;

        Tensor?[] weights = file.List(sample.GetProperty("cotangents"));
        int[] differentiable = [.. Enumerable.Range(0, outputs.Length).Where(i => weights[i] is not null && outputs[i].RequiresGrad)];
        if (differentiable.Length > 0)
            Autograd.Backward(Array.ConvertAll(differentiable, i => outputs[i]), Array.ConvertAll(differentiable, i => weights[i]));
        for (var i = 0; i < asked.Count; i++)
        {
            if (GradientDifference(asked[i].Input.Grad, asked[i].Gradient) is { } inputDifference)
                return $"gradient of input {i} {inputDifference}";
        }
        var parameters = module.NamedParameters().ToDictionary(pair => pair.Name, pair => pair.Parameter, StringComparer.Ordinal);
        foreach (var (name, gradient) in file.Named(sample.GetProperty("param_grads")))
        {
            if (GradientDifference(parameters[name].Grad, gradient) is { } parameterDifference)
                return $"gradient of {name} {parameterDifference}";
        }
        if (StateDifference(module, file.Named(sample.GetProperty("state_after"))) is { } stateDifference)
            return $"after the pass, {stateDifference}";

        module.Eval();
        using var noGrad = Autograd.NoGrad();
        Tensor[] inEvaluation = [.. file.List(sample.GetProperty("eval_outputs")).OfType<Tensor>()];
        return Difference("output in evaluation", ModuleCall.Invoke(module, inputs), inEvaluation);
    }

    /// <summary>Creates a module from PyTorch's name and arguments.</summary>
    public static Module Make(string name, object?[] arguments, IReadOnlyDictionary<string, object?> options)
    {
        var type = typeof(Module).Assembly.GetType($"TorchScratch.NN.{name}");
        return type is null || !type.IsSubclassOf(typeof(Module))
            ? throw new UnsupportedException($"there is no module {name}")
            : (Module)Construction.Make(type, [], arguments, options);
    }

    /// <summary>
    /// A description of how the state of a module differs from the expected one; null if it does not.
    /// </summary>
    public static string? StateDifference(Module module, IReadOnlyDictionary<string, Tensor> expected)
    {
        var state = module.StateDict();
        foreach (var (name, tensor) in expected)
        {
            if (!state.TryGetValue(name, out var actual))
                return $"there is no {name}";
            if (Comparison.Difference(actual, tensor, Tolerance.OfOutput(tensor.DType)) is { } difference)
                return $"{name} {difference}";
        }
        return null;
    }

    private static DType? DTypeOf(JsonElement sample) =>
        sample.TryGetProperty("dtype", out var name) ? Enum.Parse<DType>(name.GetString()!, ignoreCase: true) : null;

    private static string? Difference(string what, Tensor[] actual, Tensor[] expected)
    {
        if (actual.Length != expected.Length)
            return $"{actual.Length} outputs instead of {expected.Length}";
        for (var i = 0; i < expected.Length; i++)
        {
            if (Comparison.Difference(actual[i], expected[i], Tolerance.OfOutput(expected[i].DType)) is { } difference)
                return $"{what} {i} {difference}";
        }
        return null;
    }

    // A missing gradient stands for zeros.
    private static string? GradientDifference(Tensor? actual, Tensor expected) => actual is not null
        ? Comparison.Difference(actual, expected, Tolerance.OfGradient(expected.DType))
        : Array.TrueForAll(Elements.Doubles(expected), value => value == 0) ? null : "is missing";
}
