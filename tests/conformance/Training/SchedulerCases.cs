// Checks schedulers.json: the learning rate at the start of each epoch.

using System.Text.Json;
using TorchScratch.Conformance.Checks;
using TorchScratch.NN;
using TorchScratch.Optim;

namespace TorchScratch.Conformance.Training;

internal static class SchedulerCases
{
    /// <summary>A description of the first difference; null if there is none.</summary>
    public static string? Check(TrainingFile file, JsonElement sample)
    {
        using var parameter = new Parameter(Tensor.Zeros([1]));
        using var optimizer = new SGD([parameter], sample.GetProperty("initial_lr").GetDouble(), momentum: 0.9);
        var scheduler = Make(optimizer, sample.GetProperty("scheduler").GetString()!, file.Options(sample.GetProperty("options")));
        double[] expected = [.. sample.GetProperty("lr").EnumerateArray().Select(rate => rate.GetDouble())];
        double[] metrics = [.. sample.GetProperty("metric").EnumerateArray().Select(metric => metric.GetDouble())];
        var rates = new double[expected.Length];
        for (var epoch = 0; epoch < rates.Length; epoch++)
        {
            rates[epoch] = optimizer.LearningRate;
            if (scheduler is ReduceLROnPlateau plateau)
                plateau.Step(metrics[epoch]);
            else
                scheduler.Step();
        }
        return Comparison.Difference(rates, expected, Tolerance.OfOutput(DType.Float64)) is { } difference
            ? $"the learning rate at the start of an epoch: {difference}"
            : null;
    }

    private static LRScheduler Make(Optimizer optimizer, string name, IReadOnlyDictionary<string, object?> options)
    {
        var type = typeof(LRScheduler).Assembly.GetType($"TorchScratch.Optim.{name}");
        return type is null || !type.IsSubclassOf(typeof(LRScheduler))
            ? throw new UnsupportedException($"there is no scheduler {name}")
            : (LRScheduler)Construction.Make(type, [optimizer], [], options);
    }
}
