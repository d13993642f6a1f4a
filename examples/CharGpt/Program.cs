// Trains a GPT on the characters of a text and lets it write. See README.md; `--help` lists the options.

using TorchScratch.Examples;
using TorchScratch.Examples.CharacterGpt;

return ExampleCommand.Run("Trains a small GPT on the characters of a text; it writes a sample after each epoch.",
    Options.Table, args, (given, cancellation) => given.Has(Options.CompareCache)
        ? CacheComparison.Run(Console.Out)
        : new Session(given, Console.Out).Run(cancellation));
