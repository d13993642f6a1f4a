// Tells praise from blame in sentences. See README.md; `--help` lists the options.

using TorchScratch.Examples;
using TorchScratch.Examples.Sentiment;

return ExampleCommand.Run("Tells praise from blame in sentences, and shows where attention looks.", Options.Table, args,
    (given, cancellation) => new Session(given, Console.Out).Run(cancellation));
