// What a key-value cache is worth: characters a second with it and without, at growing lengths.

using System.Diagnostics;

namespace TorchScratch.Examples.CharacterGpt;

internal static class CacheComparison
{
    private static readonly int[] s_lengths = [32, 64, 128, 256];

    /// <summary>Times the next token behind texts of several lengths; the weights do not matter.</summary>
    public static int Run(TextWriter output)
    {
        using var noGrad = Autograd.NoGrad();
        using var model = new Gpt(new GptShape(Vocabulary: 65, Block: s_lengths[^1]), dropout: 0);
        model.Eval();
        output.WriteLine($"4 layers, width 256, 8 heads; {Runtime.NumThreads} threads, {Runtime.SimdTarget}");
        output.WriteLine("length  all anew, tokens/s  with the cache, tokens/s  ratio");
        foreach (var length in s_lengths)
        {
            using var text = Tensor.RandInt(0, 65, [1, length]);
            var caches = model.NewCaches();
            using (Tensor.Scope())
                model.Next(text.Narrow(1, 0, length - 1), caches);
            void Anew() => model.Next(text);
            void Cached()
            {
                model.Next(text.Narrow(1, length - 1, 1), caches);
                foreach (var cache in caches)
                    cache.Truncate(length - 1);
            }
            // In turns, since a machine is not equally fast at all times.
            var (anew, cached) = (new List<double>(), new List<double>());
            for (var turn = 0; turn < 15; turn++)
            {
                anew.Add(Rate(Anew, 5));
                cached.Add(Rate(Cached, 50));
            }
            foreach (var cache in caches)
                cache.Dispose();
            var ratio = Median(anew.Zip(cached, (a, b) => b / a));
            output.WriteLine($"{length,6}  {Median(anew),18:0}  {Median(cached),24:0}  {ratio,5:0.0}");
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
