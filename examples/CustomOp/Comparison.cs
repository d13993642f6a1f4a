// The three forms of swish, checked against each other and against differences, and timed.

using System.Diagnostics;

namespace TorchScratch.Examples.CustomOp;

internal sealed class Comparison(Options options, TextWriter output)
{
    private readonly record struct Form(string Name, Func<Tensor, Tensor> Call);

    /// <exception cref="GradCheckException">A gradient is wrong.</exception>
    /// <exception cref="TorchScratchException">The plugin is missing or does not fit.</exception>
    public void Run(CancellationToken cancellation)
    {
        Runtime.ManualSeed(options.Seed);
        var plugin = LoadPlugin();
        var swish = plugin["swish"];
        output.WriteLine($"plugin: {Path.GetFileName(plugin.Path)}; {swish.Signature}: {swish.Documentation}");
        Form[] forms =
        [
            new("composite", x => x * (x * options.Beta).Sigmoid()),
            new("C# function", x => new SwishFunction(options.Beta).Call(x)),
            new("C++ plugin", x => swish.Call(x, options.Beta)),
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
        output.WriteLine($"gradients, and gradients of gradients, agree with differences: {names}");

        var wide = (Tensor.Randn([100_000]) * 8).Detach();
        var expected = forms[0].Call(wide.To(DType.Float64));
        foreach (var form in forms)
        {
            // exp(-beta x) is only as good as beta x, rounded to 2^-24 of itself: an error of |beta x| 2^-24 after exp.
            var difference = (form.Call(wide).To(DType.Float64) - expected).Abs();
            var error = (difference / (expected.Abs() + 1e-30)).Max().ToDouble();
            output.WriteLine($"  {form.Name,-12} largest relative error in float32 {error:0.0e0}");
        }
    }

    private void Time(Form[] forms, CancellationToken cancellation)
    {
        using var scope = Tensor.Scope();
        var x = Tensor.Randn([options.Size]).RequiresGrad_();
        var gradient = Tensor.Randn([options.Size]);
        output.WriteLine(
            $"{options.Size} elements of float32, {Runtime.NumThreads} threads, {Runtime.SimdTarget}; " +
            $"median of {options.Repeats}");
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
            for (var i = 0; i < options.Repeats; i++)
            {
                using var range = profiler.Range(form.Name);
                Step(() => form.Call(x).Backward(gradient));
            }
        }
        output.WriteLine("where the time goes:");
        output.Write(profiler.Summary(limit: 8));
        if (options.Trace is { } path)
            profiler.SaveChromeTrace(path);

        // Tensor data allocated by a forward and backward pass.
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
            var times = new double[options.Repeats];
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
