// Classifies tumours as malignant or benign from thirty measurements. See README.md; `--help` lists the options.

using TorchScratch.Examples;
using TorchScratch.Examples.BreastCancer;

return ExampleCommand.Run(
    "Classifies tumours as malignant or benign from thirty measurements, tested by cross-validation.", Options.Table,
    args, (given, cancellation) => new Session(given, Console.Out).Run(cancellation));
