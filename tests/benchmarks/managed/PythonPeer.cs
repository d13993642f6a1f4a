// A Python process with PyTorch that runs tasks on request.

using System.Diagnostics;
using System.Globalization;

namespace TorchScratch.Benchmarks;

internal sealed class PythonPeer : IDisposable
{
    private Process process;
    private int threads = 1;

    private PythonPeer(string python, Process process, string version)
    {
        Python = python;
        this.process = process;
        Version = version;
    }

    /// <summary>The interpreter.</summary>
    public string Python { get; }

    public string Version { get; }

    /// <summary>
    /// Null if no Python with torch is found. Debian's python3 is tried first, since it is the one with python3-torch.
    /// </summary>
    public static PythonPeer? TryStart(string? named)
    {
        foreach (var python in named is null ? ["/usr/bin/python3", "python3"] : new[] { named })
        {
            try
            {
                var process = Start(python, 1);
                if (process.StandardOutput.ReadLine() is { } version)
                    return new PythonPeer(python, process, version);
                process.Dispose();
            }
            catch (System.ComponentModel.Win32Exception)
            {
                // There is no such program; try the next one.
            }
        }
        return null;
    }

    // Restarts the process, since OpenMP sets its number of threads at start-up.
    public void UseThreads(int count)
    {
        if (count == threads)
            return;
        Stop();
        process = Start(Python, threads = count);
        process.StandardOutput.ReadLine();
    }

    public double Nanoseconds(string name, int count)
    {
        process.StandardInput.WriteLine($"{name} {count}");
        process.StandardInput.Flush();
        return double.Parse(process.StandardOutput.ReadLine() ??
            throw new InvalidOperationException("the Python process has ended"), CultureInfo.InvariantCulture);
    }

    public void Dispose() => Stop();

    private static Process Start(string python, int threads)
    {
        var start = new ProcessStartInfo(python)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "peer.py"));
        start.ArgumentList.Add(threads.ToString(CultureInfo.InvariantCulture));
        start.Environment["OMP_NUM_THREADS"] = threads.ToString(CultureInfo.InvariantCulture);
        var process = Process.Start(start)!;
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginErrorReadLine();
        return process;
    }

    private void Stop()
    {
        process.StandardInput.Close();
        process.WaitForExit();
        process.Dispose();
    }
}
