// A process that keeps one core busy.

using System.Diagnostics;

namespace TorchScratch.Benchmarks;

internal sealed class BusyProcess : IDisposable
{
    private readonly Process process;

    private BusyProcess(Process process) => this.process = process;

    public static BusyProcess Start()
    {
        // Starts this program again; see --spin in Program.cs.
        var start = new ProcessStartInfo(Environment.ProcessPath!);
        start.ArgumentList.Add(typeof(BusyProcess).Assembly.Location);
        start.ArgumentList.Add("--spin");
        return new BusyProcess(Process.Start(start)!);
    }

    /// <summary>Keeps a core busy until the process is killed, or for five minutes if its parent is gone.</summary>
    public static void Spin()
    {
        var start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < TimeSpan.FromMinutes(5))
        {
        }
    }

    public void Dispose()
    {
        process.Kill();
        process.WaitForExit();
        process.Dispose();
    }
}
