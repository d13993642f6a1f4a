// Measures the benefit of a key-value cache: tokens per second with and without it, at several lengths.

using System.Diagnostics;

namespace TorchScratch.Examples.CharacterGpt;

internal static class CacheComparison
{
    private static readonly int[] s_lengths = [32, 64, 128, 256];

    /// <summary>Times the prediction of the token after texts of several lengths; the weights do not matter.</summary>
    public static int Run(TextWriter output)
    {
        using var noGrad = Autograd.NoGrad();
        using var model = new Gpt(new GptShape(Vocabulary: 65, Block: s_lengths[^1]), dropout: 0);
        model.Eval();
        output.WriteLine($"4 layers, width 256, 8 heads; {Runtime.NumThreads} threads, {Runtime.SimdTarget}");
        output.WriteLine("length  no cache, tokens/s  with the cache, tokens/s  ratio");
        foreach (var length in s_lengths)
        {
            using var text = Tensor.RandInt(0, 65, [1, length]);
            var caches = model.NewCaches();
            using (Tensor.Scope())
                model.Next(text.Narrow(1, 0, length - 1), caches);
            void Uncached() => model.Next(text);
            void Cached()
            {
                model.Next(text.Narrow(1, length - 1, 1), caches);
                foreach (var cache in caches)
                    cache.Truncate(length - 1);
            }
            // Alternating, since the speed of the machine varies over time.
            var (uncached, cached) = (new List<double>(), new List<double>());
            for (var turn = 0; turn < 15; turn++)
            {
                uncached.Add(Rate(Uncached, 5));
                cached.Add(Rate(Cached, 50));
            }
            foreach (var cache in caches)
                cache.Dispose();
            var ratio = Median(uncached.Zip(cached, (a, b) => b / a));
            output.WriteLine($"{length,6}  {Median(uncached),18:0}  {Median(cached),24:0}  {ratio,5:0.0}");
        }
        return ExitCode.Success;
    }

    private static double Rate(Action next, int count)
    {
        var clock = Stopwatch.StartNew();
        for (var i = 0; i < count; i++)
        {
            using var scope = Tensor.Scope();
            next();
        }
        return count / clock.Elapsed.TotalSeconds;
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted[sorted.Count / 2];
    }
}
