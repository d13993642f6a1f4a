// Runs the cases of a file of training fixtures, with one row of results for each class.

using System.Text.Json;
using TorchScratch.Conformance.Reports;

namespace TorchScratch.Conformance.Training;

internal static class TrainingRunner
{
    /// <summary>Runs one file. All errors, including broken fixtures, become results rather than exceptions.</summary>
    public static IEnumerable<OperatorResult> Run(string directory, string name)
    {
        try
        {
            using var file = TrainingFile.Read(directory, name);
            return [.. file.Cases.Select((sample, i) => (Row: Row(name, sample), Result: Run(file, name, sample, i)))
                .GroupBy(entry => entry.Row, entry => entry.Result)
                .Select(row => new OperatorResult(row.Key, IsKnown: true, [.. row]))];
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            return [new(name, IsKnown: true, [new("fixture", Outcome.Failed, name, Text(exception))])];
        }
    }

    private static CaseResult Run(TrainingFile file, string name, JsonElement sample, int i)
    {
        var (title, call) = ($"case {i}", Call(name, sample));
        try
        {
            // Frees the tensors of the case, whether it passes or fails.
            using var scope = Tensor.Scope();
            var difference = name switch
            {
                "modules" => ModuleCases.Check(file, sample),
                "optimizers" => OptimizerCases.Check(file, sample),
                "schedulers" => SchedulerCases.Check(file, sample),
                _ => RunCases.Check(file, sample),
            };
            return new(title, difference is null ? Outcome.Passed : Outcome.Failed, call, difference);
        }
        catch (UnsupportedException exception)
        {
            return new(title, Outcome.Unsupported, call, exception.Message);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            return new(title, Outcome.Failed, call, Text(exception));
        }
    }

    // modules.json has a property "module", and so on.
    private static string Class(string name, JsonElement sample) => sample.GetProperty(name[..^1]).GetString()!;

    private static string Row(string name, JsonElement sample) => $"{name}/{Class(name, sample)}";

    private static string Call(string name, JsonElement sample)
    {
        var arguments = sample.TryGetProperty("args", out var positional) ? positional.EnumerateArray().Select(argument => argument.GetRawText()) : [];
        var options = sample.TryGetProperty("options", out var named) ? named.EnumerateObject().Select(option => $"{option.Name}={option.Value.GetRawText()}") : [];
        return $"{Class(name, sample)}({string.Join(", ", arguments.Concat(options))})";
    }

    private static string Text(Exception exception) => $"{exception.GetType().Name}: {exception.Message}";
}
