// Tells praise from blame in sentences. See README.md; `--help` lists the options.

using System.Runtime.InteropServices;
using TorchScratch;
using TorchScratch.Examples.Sentiment;

return CommandLine.Parse(args, options =>
{
    using var interruption = new CancellationTokenSource();
    using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Interrupt);
    using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Interrupt);
    try
    {
        new Session(options, Console.Out).Run(interruption.Token);
        return 0;
    }
    catch (OperationCanceledException)
    {
        Console.Error.WriteLine(File.Exists(options.CheckpointPath)
            ? "interrupted; --resume goes on after the last epoch that is finished"
            : "interrupted before an epoch was finished");
        return 130;
    }
    catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException
        or TorchScratchException || e.GetBaseException() is DllNotFoundException)
    {
        // The native library is loaded by a static constructor, whose errors come wrapped.
        Console.Error.WriteLine($"error: {(e is TorchScratchException ? e : e.GetBaseException()).Message}");
        return 1;
    }

    void Interrupt(PosixSignalContext context)
    {
        // The second signal ends the process as usual.
        context.Cancel = !interruption.IsCancellationRequested;
        interruption.Cancel();
    }
});
