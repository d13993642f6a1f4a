// Trains a convolutional network on small colour images. See README.md; `--help` lists the options.

using TorchScratch.Examples;
using TorchScratch.Examples.CifarTraining;

return ExampleCommand.Run("Trains a convolutional network on CIFAR-10 or CIFAR-100.", Options.Table, args,
    (given, cancellation) => new Session(given, Console.Out).Run(cancellation));
