// Checks runs.json: whole training runs.

using System.Text.Json;
using TorchScratch.Conformance.Checks;
using TorchScratch.NN;
using TorchScratch.Optim;

namespace TorchScratch.Conformance.Training;

internal static class RunCases
{
    /// <summary>A description of the first difference; null if there is none.</summary>
    public static string? Check(TrainingFile file, JsonElement sample)
    {
        var text = NetworkText.Parse(sample.GetProperty("net").GetString()!);
        JsonElement[] steps = [.. sample.GetProperty("steps").EnumerateArray()];
        var initial = file.Named(sample.GetProperty("initial"));
        var difference = "there is no network";
        // The text does not show all arguments. The candidate whose first loss agrees is the network; everything after
        // that is checked.
        foreach (var choice in TransformerChoice.All(text))
        {
            using var scope = Tensor.Scope();
            using var network = Network.Make(text, choice);
            network.To(DType.Float64);
            network.LoadStateDict(initial);
            using (Autograd.NoGrad())
            {
                difference = LossDifference(file, Loss(file, network, steps[0]), steps[0], 0);
                network.LoadStateDict(initial);
            }
            if (difference is null)
                return Train(file, sample, network, steps);
        }
        return difference;
    }

    private static string? Train(TrainingFile file, JsonElement sample, Module<Tensor, Tensor> network, JsonElement[] steps)
    {
        using var optimizer = Optimizer(sample.GetProperty("optimizer").GetString()!, network.Parameters());
        for (var i = 0; i < steps.Length; i++)
        {
            using var scope = Tensor.Scope();
            var loss = Loss(file, network, steps[i]);
            if (LossDifference(file, loss, steps[i], i) is { } difference)
                return difference;
            optimizer.ZeroGrad();
            loss.Backward();
            optimizer.Step();
        }
        return ModuleCases.StateDifference(network, file.Named(sample.GetProperty("final"))) is { } final ? $"at the end, {final}" : null;
    }

    private static Tensor Loss(TrainingFile file, Module<Tensor, Tensor> network, JsonElement step) =>
        Functional.CrossEntropy(network.Call(file.Tensor(step.GetProperty("x"))), file.Tensor(step.GetProperty("y")));

    private static string? LossDifference(TrainingFile file, Tensor loss, JsonElement step, int i) =>
        Comparison.Difference([loss.ToDouble()], [step.GetProperty("loss").GetDouble()], Tolerance.OfOutput(DType.Float64)) is { } difference
            ? $"the loss of step {i}: {difference}"
            : null;

    // The options given in the description of the fixtures.
    private static Optimizer Optimizer(string name, IEnumerable<Parameter> parameters) => name switch
    {
        "adam" => new Adam(parameters, learningRate: 1e-2),
        "adamw" => new AdamW(parameters, learningRate: 1e-2, weightDecay: 0.05),
        "sgd" => new SGD(parameters, learningRate: 0.05, momentum: 0.9, weightDecay: 5e-4),
        _ => throw new UnsupportedException($"the options of optimizer {name} are not known"),
    };
}
