// Checks and times three forms of one operator. See README.md; `--help` lists the options.

using TorchScratch.Examples;
using TorchScratch.Examples.CustomOp;

var command = new ExampleCommand("An operator of one's own: in C#, and as a C++ plugin.",
    "Decides the numbers; 1 if not given");
var beta = command.Number("--beta", "The operator's parameter; 1.5 if not given", -100, 100);
var size = command.Integer("--size", "Elements of the tensors that are timed; 1048576 if not given", 1, 1 << 28);
var repeats = command.Integer("--repeats", "Calls timed, of which the median counts; 15 if not given", 1, 10_000);
var trace = command.Text("--trace", "Writes a trace of the timed calls for ui.perfetto.dev", "FILE");

return command.Run(args, (options, parsed, cancellation) =>
{
    var tracePath = parsed.GetValue(trace) is { Length: > 0 } path ? path : null;
    var own = new Options(parsed.GetValue(beta) ?? 1.5, parsed.GetValue(size) ?? 1 << 20,
        parsed.GetValue(repeats) ?? 15, options.Seed ?? 1, tracePath);
    new Comparison(own, Console.Out).Run(cancellation);
    return ExitCode.Success;
});
