// Checks the three forms of swish against each other and against finite differences, and times them.

using System.Diagnostics;

namespace TorchScratch.Examples.CustomOp;

internal sealed class Comparison(GivenOptions given, TextWriter output)
{
    private readonly double _beta = given.Get(Options.Beta);
    private readonly int _size = given.Get(Options.Size);
    private readonly int _repeats = given.Get(Options.Repeats);

    private readonly record struct Form(string Name, Func<Tensor, Tensor> Call);

    /// <exception cref="GradCheckException">A gradient is wrong.</exception>
    /// <exception cref="TorchScratchException">The plugin is missing or incompatible.</exception>
    public void Run(CancellationToken cancellation)
    {
        Runtime.ManualSeed(given.Get(Options.Seed));
        var plugin = LoadPlugin();
        var swish = plugin["swish"];
        output.WriteLine($"plugin: {Path.GetFileName(plugin.Path)}; {swish.Signature}: {swish.Documentation}");
        Form[] forms =
        [
            new("composite", x => x * (x * _beta).Sigmoid()),
            new("C# function", x => new SwishFunction(_beta).Call(x)),
            new("C++ plugin", x => swish.Call(x, _beta)),
        ];
        Check(forms, cancellation);
        Time(forms, cancellation);
    }

    private static Plugin LoadPlugin()
    {
        var path = Path.Combine(AppContext.BaseDirectory, Plugin.FileName("fused_swish"));
        return File.Exists(path)
            ? Plugin.Load(path)
            : throw new TensorIOException($"{path} is missing: run ./build.sh, then this example again");
    }

    private void Check(Form[] forms, CancellationToken cancellation)
    {
        using var scope = Tensor.Scope();
        var x = (Tensor.Randn([4, 5], DType.Float64) * 3).Detach().RequiresGrad_();
        foreach (var form in forms)
        {
            cancellation.ThrowIfCancellationRequested();
            Autograd.GradCheck(form.Call, x);
            Autograd.GradGradCheck(form.Call, x);
        }
        var names = string.Join(", ", forms.Select(form => form.Name));
        output.WriteLine($"gradients and second derivatives agree with finite differences: {names}");

        var wide = (Tensor.Randn([100_000]) * 8).Detach();
        var expected = forms[0].Call(wide.To(DType.Float64));
        foreach (var form in forms)
        {
            // The rounding of beta x to a relative 2^-24 becomes a relative error of |beta x| 2^-24 in exp(-beta x).
            var difference = (form.Call(wide).To(DType.Float64) - expected).Abs();
            var error = (difference / (expected.Abs() + 1e-30)).Max().ToDouble();
            output.WriteLine($"  {form.Name,-12} largest relative error in float32 {error:0.0e0}");
        }
    }

    private void Time(Form[] forms, CancellationToken cancellation)
    {
        using var scope = Tensor.Scope();
        var x = Tensor.Randn([_size]).RequiresGrad_();
        var gradient = Tensor.Randn([_size]);
        output.WriteLine(
            $"{_size} elements of float32, {Runtime.NumThreads} threads, {Runtime.SimdTarget}; " +
            $"median of {_repeats}");
        output.WriteLine($"  {"",-12} {"forward ms",12} {"with backward ms",17} {"MiB allocated",14}");
        foreach (var form in forms)
        {
            var forward = Median(() => form.Call(x));
            var both = Median(() => form.Call(x).Backward(gradient));
            output.WriteLine($"  {form.Name,-12} {forward,12:0.00} {both,17:0.00} {Allocated(form),14:0.0}");
        }

        using var profiler = new Profiler();
        foreach (var form in forms)
        {
            for (var i = 0; i < _repeats; i++)
            {
                using var range = profiler.Range(form.Name);
                Step(() => form.Call(x).Backward(gradient));
            }
        }
        output.WriteLine("where the time goes:");
        output.Write(profiler.Summary(limit: 8));
        if (given.Text(Options.Trace) is { } path)
            profiler.SaveChromeTrace(path);

        // MiB of tensor data allocated by a forward and a backward pass.
        double Allocated(Form form)
        {
            using var inside = new Profiler();
            Step(() => form.Call(x).Backward(gradient));
            return inside.Stop().Rows.Sum(row => row.SelfBytes) / (1024.0 * 1024.0);
        }

        void Step(Action action)
        {
            cancellation.ThrowIfCancellationRequested();
            using var step = Tensor.Scope();
            action();
            x.Grad = null;
        }

        double Median(Action action)
        {
            Step(action);
            var times = new double[_repeats];
            for (var i = 0; i < times.Length; i++)
            {
                var start = Stopwatch.GetTimestamp();
                Step(action);
                times[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            }
            Array.Sort(times);
            return times[times.Length / 2];
        }
    }
}
