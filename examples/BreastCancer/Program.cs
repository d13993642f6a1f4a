// Tells malignant from benign tumours by thirty measures. See README.md; `--help` lists the options.

using System.Runtime.InteropServices;
using TorchScratch;
using TorchScratch.Examples.BreastCancer;

return CommandLine.Parse(args, Run);

static int Run(Options options)
{
    // Two signals end the process as usual; the first lets the fold at hand end.
    using var interruption = new CancellationTokenSource();
    using var signal = PosixSignalRegistration.Create(PosixSignal.SIGINT, context =>
    {
        context.Cancel = !interruption.IsCancellationRequested;
        interruption.Cancel();
    });
    try
    {
        return new Session(options, Console.Out).Run(interruption.Token);
    }
    catch (Exception e) when (e is IOException or UnauthorizedAccessException or TorchScratchException ||
        e.GetBaseException() is DllNotFoundException)
    {
        // The native library is loaded by a static constructor, whose errors come wrapped.
        Console.Error.WriteLine($"error: {(e is TorchScratchException ? e : e.GetBaseException()).Message}");
        return 1;
    }
}
