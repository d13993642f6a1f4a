// Repeats and times actions, and computes medians.

using System.Diagnostics;

namespace TorchScratch.Benchmarks;

internal static class Timing
{
    public static double Nanoseconds(Action run, int count)
    {
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < count; i++)
            run();
        return Stopwatch.GetElapsedTime(start).TotalNanoseconds / count;
    }

    /// <summary>
    /// The number of times that <paramref name="run"/> fits into <paramref name="seconds"/>, measured after a warm-up.
    /// </summary>
    public static int Repetitions(Action run, double seconds)
    {
        // Long enough for tiered compilation to finish.
        var start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start).TotalSeconds < 0.5)
            run();
        var count = 1;
        while (true)
        {
            var each = Nanoseconds(run, count);
            if (each * count > seconds * 0.25e9)
                return Math.Max(1, (int)(seconds * 1e9 / each));
            count *= 4;
        }
    }

    public static double Median(Action run, int turns, double seconds)
    {
        var count = Repetitions(run, seconds);
        return Median(Enumerable.Range(0, turns).Select(_ => Nanoseconds(run, count)).ToList());
    }

    public static double Median(List<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted[sorted.Count / 2];
    }
}
