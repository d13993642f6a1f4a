// Checks and times three forms of one operator. See README.md; `--help` lists the options.

using TorchScratch;
using TorchScratch.Examples.CustomOp;

return Options.Parse(args, Run);

static int Run(Options options)
{
    try
    {
        new Comparison(options, Console.Out).Run();
        return 0;
    }
    catch (Exception e) when (e is IOException or TorchScratchException || e.GetBaseException() is DllNotFoundException)
    {
        // The native library is loaded by a static constructor, whose errors come wrapped.
        Console.Error.WriteLine($"error: {(e is TorchScratchException ? e : e.GetBaseException()).Message}");
        return 1;
    }
}
