// Checks and times three forms of one operator. See README.md; `--help` lists the options.

using TorchScratch.Examples;
using TorchScratch.Examples.CustomOp;

return ExampleCommand.Run("A custom operator: in C#, and as a C++ plugin.", Options.Table, args,
    (given, cancellation) =>
    {
        new Comparison(given, Console.Out).Run(cancellation);
        return ExitCode.Success;
    });
