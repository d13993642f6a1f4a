// Trains a network that reads handwritten digits. See README.md; `--help` lists the options.

using TorchScratch.Examples;
using TorchScratch.Examples.MnistTraining;

return ExampleCommand.Run("Trains a network that reads handwritten digits.", Options.Table, args,
    (given, cancellation) => given.Has(Options.CompareOptimizers)
        ? new OptimizerComparison(given, Console.Out).Run(cancellation)
        : new Session(given, Console.Out).Run(cancellation));
