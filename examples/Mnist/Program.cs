// Trains a network that reads handwritten digits. See README.md; `--help` lists the options.

using TorchScratch;
using TorchScratch.Examples.MnistTraining;

return CommandLine.Parse(args, Run);

static int Run(Options options)
{
    using var interruption = new Interruption();
    try
    {
        return new Session(options, Console.Out).Run(interruption.Token);
    }
    catch (OptionConflictException e)
    {
        Console.Error.WriteLine($"error: {e.Message}");
        return ExitCode.BadArguments;
    }
    catch (OperationCanceledException)
    {
        Console.Error.WriteLine("interrupted before training began");
        return ExitCode.Interrupted;
    }
    catch (Exception e) when (e is IOException or UnauthorizedAccessException or TorchScratchException ||
        e.GetBaseException() is DllNotFoundException)
    {
        // The native library is loaded by a static constructor, whose errors come wrapped.
        Console.Error.WriteLine($"error: {(e is TorchScratchException ? e : e.GetBaseException()).Message}");
        return ExitCode.Error;
    }
}
