// Another process that keeps one core busy.

using System.Diagnostics;

namespace TorchScratch.Benchmarks;

internal sealed class BusyProcess : IDisposable
{
    private readonly Process process;

    private BusyProcess(Process process) => this.process = process;

    public static BusyProcess Start()
    {
        // This program again: see the head of Program.cs.
        var start = new ProcessStartInfo(Environment.ProcessPath!);
        start.ArgumentList.Add(typeof(BusyProcess).Assembly.Location);
        start.ArgumentList.Add("--spin");
        return new BusyProcess(Process.Start(start)!);
    }

    /// <summary>What the busy process does until it is killed, or left behind by the one that started it.</summary>
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
