// The peak memory of a training process, as counted by the system: a new process of ours and one of Python's.

using System.Diagnostics;
using System.Globalization;

namespace TorchScratch.Benchmarks;

internal static class PeakMemory
{
    private const int Steps = 5;

    /// <summary>The peak memory of a training process in MB, and its growth after start-up.</summary>
    public readonly record struct Peak(double Total, double Growth);

    /// <summary>Runs in a separate process: trains, and prints what <see cref="OfOurs"/> reads.</summary>
    public static void Print(string name)
    {
        // Loads what every program needs before the network is created.
        using (var warm = Tensor.Ones([8]) + 1)
        {
        }
        var before = Status("VmRSS:");
        using (var step = new TrainingStep(name))
        {
            for (var i = 0; i < Steps; i++)
                step.Run();
        }
        var peak = Status("VmHWM:");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{peak} {peak - before}"));
    }

    public static Peak? OfOurs(string name)
    {
        // Starts this program again, either its executable or its DLL with dotnet.
        var program = Environment.GetCommandLineArgs()[0];
        string[] own = program.EndsWith(".dll", StringComparison.Ordinal) ? [program] : [];
        return Run(Environment.ProcessPath!, [.. own, "--peak", name]);
    }

    public static Peak? OfPeer(string python, string name) =>
        Run(python, [Path.Combine(AppContext.BaseDirectory, "peer.py"), "2", "--peak", name]);

    private static Peak? Run(string program, IEnumerable<string> arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        var words = process.StandardOutput.ReadToEnd().Split();
        process.WaitForExit();
        return words.Length >= 2 && double.TryParse(words[0], CultureInfo.InvariantCulture, out var total) &&
            double.TryParse(words[1], CultureInfo.InvariantCulture, out var growth) ? new Peak(total, growth) : null;
    }

    // Exists on Linux only.
    private static double Status(string key)
    {
        var line = File.ReadLines("/proc/self/status").First(each => each.StartsWith(key, StringComparison.Ordinal));
        var words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return double.Parse(words[1], CultureInfo.InvariantCulture) / 1000;
    }
}
