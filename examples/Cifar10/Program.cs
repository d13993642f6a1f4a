// Trains a convolutional network on small colour images. See README.md; `--help` lists the options.

using TorchScratch.Examples;
using TorchScratch.Examples.CifarTraining;

var command = new ExampleCommand("Trains a convolutional network on CIFAR-10 or CIFAR-100.",
    "Folder with the binary files of CIFAR-10 or CIFAR-100, or with a folder cifar10 or cifar100 that has them",
    $"{Networks.DefaultEpochs} if not given", "runs/<data>-<model>");
var model = command.Value<ModelKind>("--model", "A small residual network, or ResNet-18; cnn if not given",
    "cnn|resnet18", Networks.Parse);
var cifar100 = command.Flag("--cifar100", "Takes CIFAR-100, if both sets are there");
var coarse = command.Flag("--coarse", "Takes CIFAR-100 with its 20 groups of classes");
var images = command.Integer("--images", "Training images to take; all if not given", 1, 50_000);
var batchSize = command.Integer("--batch-size", "Images in a step; 128 if not given", 1, 50_000);
var learningRate = command.Number("--learning-rate", "The largest step size of SGD; 0.1 if not given", 0, 1);
var save = command.Text("--save", "Where the model goes; model.safetensors in the run's folder if not given", "FILE");

return command.Run(args, (options, parsed, cancellation) =>
{
    var own = new CifarOptions
    {
        Model = parsed.GetValue(model),
        Set = parsed.GetValue(coarse) ? ImageSet.Cifar100Groups : parsed.GetValue(cifar100) ? ImageSet.Cifar100 : null,
        Images = parsed.GetValue(images),
        BatchSize = parsed.GetValue(batchSize),
        LearningRate = parsed.GetValue(learningRate),
        SavePath = parsed.GetValue(save) is { Length: > 0 } path ? path : null,
    };
    return new Session(options, own, Console.Out).Run(cancellation);
});
