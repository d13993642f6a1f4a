// Trains a GPT on the characters of a text, and lets it write. See README.md; `--help` lists the options.

using TorchScratch.Examples;
using TorchScratch.Examples.CharacterGpt;

var command = new ExampleCommand("Trains a small GPT on the characters of a text; it writes some after each epoch.",
    "A text file, or a folder with tinyshakespeare.txt, or with a folder text that has it", "10 if not given",
    "runs/char-gpt");
var block = command.Integer("--block", "Characters that it sees at once; 128 if not given", 8, 4096);
var batchSize = command.Integer("--batch-size", "Windows in a step; 16 if not given", 1, 4096);
var learningRate = command.Number("--learning-rate", "AdamW's largest step size; 0.001 if not given", 0, 1);
var prompt = command.Text("--prompt", "What its texts begin with; a line end if not given", "TEXT");
var sampleLength = command.Integer("--sample-length", "Characters to write after each epoch; 300 if not given",
    1, 100_000);
var temperature = command.Number("--temperature", "Below 1 it writes what is likelier; 0.8 if not given", 0, 10);
var compareCache = command.Flag("--compare-cache",
    "Times writing with and without a key-value cache, and does nothing else");

return command.Run(args, (options, parsed, cancellation) =>
{
    if (parsed.GetValue(compareCache))
        return CacheComparison.Run(Console.Out);
    var own = new GptOptions(parsed.GetValue(block), parsed.GetValue(batchSize), parsed.GetValue(learningRate),
        parsed.GetValue(prompt), parsed.GetValue(sampleLength), parsed.GetValue(temperature));
    return new Session(options, own, Console.Out).Run(cancellation);
});
