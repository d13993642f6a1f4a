// Tells praise from blame in sentences. See README.md; `--help` lists the options.

using TorchScratch.Examples;
using TorchScratch.Examples.Sentiment;

var command = new ExampleCommand("Tells praise from blame in sentences, and shows where attention looks.",
    "Sentences, a line each: 0 or 1, a tab, the words; generated if not given", "12 if not given", "runs/sentiment",
    dataKind: "FILE");
return command.Run(args, (options, _, cancellation) => new Session(options, Console.Out).Run(cancellation));
