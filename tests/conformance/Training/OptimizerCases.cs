// Checks optimizers.json: parameters after each step with recorded gradients.

using System.Text.Json;
using TorchScratch.Conformance.Checks;
using TorchScratch.NN;
using TorchScratch.Optim;

namespace TorchScratch.Conformance.Training;

internal static class OptimizerCases
{
    /// <summary>A description of the first difference; null if there is none.</summary>
    public static string? Check(TrainingFile file, JsonElement sample)
    {
        Parameter[] parameters = [.. file.List(sample.GetProperty("initial")).Select(tensor => new Parameter(tensor!.Detach().Clone()))];
        using var optimizer = Make(sample.GetProperty("optimizer").GetString()!, parameters, file.Options(sample.GetProperty("options")));
        var step = 0;
        foreach (var record in sample.GetProperty("steps").EnumerateArray())
        {
            step++;
            var gradients = file.List(record.GetProperty("grads"));
            for (var i = 0; i < parameters.Length; i++)
                parameters[i].Grad = gradients[i];
            optimizer.Step();
            var expected = file.List(record.GetProperty("params"));
            for (var i = 0; i < parameters.Length; i++)
            {
                if (Comparison.Difference(parameters[i], expected[i]!, Tolerance.OfOutput(expected[i]!.DType)) is { } difference)
                    return $"after step {step}, parameter {i} {difference}";
            }
        }
        return null;
    }

    /// <summary>Creates an optimizer from PyTorch's name and options.</summary>
    public static Optimizer Make(string name, IEnumerable<Parameter> parameters, IReadOnlyDictionary<string, object?> options)
    {
        var type = typeof(Optimizer).Assembly.GetType($"TorchScratch.Optim.{name}");
        return type is null || !type.IsSubclassOf(typeof(Optimizer))
            ? throw new UnsupportedException($"there is no optimizer {name}")
            : (Optimizer)Construction.Make(type, [parameters], [], options);
    }
}
