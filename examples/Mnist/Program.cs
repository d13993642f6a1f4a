// Trains a network that reads handwritten digits. See README.md; `--help` lists the options.

using TorchScratch.Examples;
using TorchScratch.Examples.MnistTraining;

var command = new ExampleCommand("Trains a network that reads handwritten digits.",
    "Folder with the four IDX files, or with a folder mnist that has them", "5 if not given", "runs/mnist-<model>");
var model = command.Value<ModelKind>("--model", "784-512-256-10 or a convolutional one; mlp if not given", "mlp|cnn",
    Networks.Parse);
var batchSize = command.Integer("--batch-size", "Images in a step; 64 if not given", 1, 60_000);
var learningRate = command.Number("--learning-rate",
    "Adam's largest step size; 0.002 for mlp, 0.004 for cnn if not given", 0, 1);
var save = command.Text("--save", "Where the model goes; model.safetensors in the run's folder if not given", "FILE");
var compare = command.Flag("--compare-optimizers",
    "Trains 784-128-64-10 on 10,000 images with seven optimizers, and draws their curves");
var noScope = command.Flag("--no-scope", "Leaves freeing tensors to the garbage collector");

return command.Run(args, (options, parsed, cancellation) =>
{
    var digits = new DigitOptions(parsed.GetValue(model), parsed.GetValue(batchSize), parsed.GetValue(learningRate),
        parsed.GetValue(save) is { Length: > 0 } path ? path : null, !parsed.GetValue(noScope));
    return parsed.GetValue(compare)
        ? new OptimizerComparison(options, digits, Console.Out).Run(cancellation)
        : new Session(options, digits, Console.Out).Run(cancellation);
});
