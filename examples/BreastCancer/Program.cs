// Tells malignant from benign tumours by thirty measures. See README.md; `--help` lists the options.

using TorchScratch.Examples;
using TorchScratch.Examples.BreastCancer;

var command = new ExampleCommand("Tells malignant from benign tumours by thirty measures, tested by cross-validation.",
    "breast_cancer.csv, or the folder with it, or with a folder breast_cancer that has it",
    "25 for each fold if not given", "runs/breast-cancer", dataKind: "PATH");
return command.Run(args, (options, _, cancellation) => new Session(options, Console.Out).Run(cancellation));
