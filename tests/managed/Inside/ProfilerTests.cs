// The profiler from C#.

using System.Text.Json;

namespace TorchScratch.Tests.Inside;

public class ProfilerTests
{
    [Fact]
    public void OperatorsNodesAndRangesAreRecorded()
    {
        using var scope = Tensor.Scope();
        var x = Tensor.Ones(1000).RequiresGrad_();
        using var profiler = new Profiler();
        Assert.Same(profiler, Profiler.Current);
        for (var i = 0; i < 3; i++)
        {
            using var step = profiler.Range("step");
            x.Exp().Sum().Backward();
        }
        var running = profiler.Snapshot();
        _ = x.Cos();
        var profile = profiler.Stop();
        Assert.Null(Profiler.Current);
        Assert.Same(profile, profiler.Stop());

        Assert.Equal(3, Row(profile, "exp", ProfileKind.Operator).Calls);
        Assert.Equal(3 * 4000, Row(profile, "exp", ProfileKind.Operator).SelfBytes);
        Assert.Equal(3, Row(profile, "ExpBackward", ProfileKind.Node).Calls);
        Assert.Equal(3, Row(profile, "step", ProfileKind.Range).Calls);
        Assert.DoesNotContain(running.Rows, row => row.Name == "cos");
        Assert.Equal(1, Row(profile, "cos", ProfileKind.Operator).Calls);

        var exp = profile.Events.First(e => e.Name == "exp");
        Assert.Equal(1, exp.Depth);
        Assert.Equal(4000, exp.Bytes);
        var total = profile.Events.Where(e => e.Depth == 0).Aggregate(TimeSpan.Zero, (sum, e) => sum + e.Duration);
        var self = profile.Rows.Aggregate(TimeSpan.Zero, (sum, row) => sum + row.Self);
        // Rounding to ticks takes less than 100 ns from each time.
        Assert.InRange(Math.Abs((total - self).Ticks), 0, profile.Events.Count);
        Assert.Contains("ExpBackward", profile.Summary(), StringComparison.Ordinal);
    }

    [Fact]
    public void TheTraceIsJson()
    {
        using var scope = Tensor.Scope();
        using var profiler = new Profiler();
        using (profiler.Range("a \"range\""))
            Tensor.Ones([64, 64]).MatMul(Tensor.Ones([64, 64]));
        var path = Path.Combine(Path.GetTempPath(), $"trace-{Guid.NewGuid():N}.json");
        try
        {
            profiler.SaveChromeTrace(path);
            using var trace = JsonDocument.Parse(File.ReadAllText(path));
            var names = trace.RootElement.GetProperty("traceEvents").EnumerateArray()
                .Where(e => e.GetProperty("ph").GetString() == "X").Select(e => e.GetProperty("name").GetString());
            Assert.Equal(["a \"range\"", "ones", "ones", "matmul"],
                names.Where(name => name is "ones" or "matmul" or "a \"range\""));
        }
        finally
        {
            File.Delete(path);
        }
        Assert.Throws<TensorIOException>(
            () => profiler.SaveChromeTrace(Path.Combine(path, "no", "such", "folder.json")));
    }

    [Fact]
    public void OnlyOneProfilerRunsAtATime()
    {
        using (var profiler = new Profiler())
        {
            Assert.Throws<TensorNotSupportedException>(() => new Profiler());
            Assert.True(profiler.IsRunning);
        }
        using var next = new Profiler();
        Assert.True(next.IsRunning);
        next.Dispose();
        Assert.False(next.IsRunning);
        using (next.Range("after the end"))
            Assert.Empty(next.Snapshot().Events);
    }

    [Fact]
    public void ThreadsAreSeparate()
    {
        using var profiler = new Profiler();
        var threads = Enumerable.Range(0, 3).Select(_ => new Thread(() =>
        {
            using var scope = Tensor.Scope();
            for (var i = 0; i < 100; i++)
                Tensor.Ones(4).Sin();
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        var events = profiler.Stop().Events.Where(e => e.Name == "sin").ToList();
        Assert.Equal(300, events.Count);
        Assert.Equal(3, events.Select(e => e.Thread).Distinct().Count());
    }

    [Fact]
    public void ADisposedProfileKeepsWhatWasRead()
    {
        using var profiler = new Profiler();
        using (Tensor.Ones(1)) { }
        var profile = profiler.Stop();
        Assert.NotEmpty(profile.Rows);
        profile.Dispose();
        Assert.NotEmpty(profile.Rows);
        Assert.Throws<ObjectDisposedException>(() => profile.Summary());
    }

    [Fact]
    public void TheAverageOfNoEventsIsZero()
    {
        var row = new ProfileRow("Add", ProfileKind.Operator, 0, TimeSpan.FromSeconds(6), TimeSpan.Zero, 0);
        Assert.Equal(TimeSpan.Zero, row.Average);
        Assert.Equal(TimeSpan.FromSeconds(2), (row with { Calls = 3 }).Average);
    }

    private static ProfileRow Row(Profile profile, string name, ProfileKind kind) =>
        Assert.Single(profile.Rows, row => row.Name == name && row.Kind == kind);
}
