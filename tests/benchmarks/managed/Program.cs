// Measures the overhead of C#: one operator on 8x8 from C# and directly through the C ABI, and small tasks and whole
// training steps compared with Python and PyTorch. Both sides run alternately; medians are reported.
//
//     TorchScratch.Benchmarks [--quick] [--filter TEXT] [--json FILE] [--python FILE]

using System.Globalization;
using System.Text.Json;
using TorchScratch;
using TorchScratch.Benchmarks;
using TorchScratch.NN;
using TorchScratch.Optim;

if (args.Contains("--spin"))
{
    BusyProcess.Spin();
    return;
}
if (Option("--peak") is { } trained)
{
    PeakMemory.Print(trained);
    return;
}

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
var quick = args.Contains("--quick");
var json = Option("--json");
var filter = Option("--filter");
var turns = quick ? 7 : 15;
var seconds = quick ? 0.05 : 0.15;

var small = Tensor.Randn([8, 8]);
var leaf = Tensor.Randn([8, 8]);
leaf.RequiresGrad = true;
var model = new Sequential(new Linear(784, 256), new ReLU(), new Linear(256, 128), new ReLU(), new Linear(128, 32),
    new ReLU(), new Linear(32, 10));
var adam = new Adam(model.Parameters(), learningRate: 1e-3);
var images = Tensor.Randn([64, 784]);
var labels = Tensor.RandInt(0, 10, [64]);

var work = new (string Name, string Title, int Threads, Action Run)[]
{
    ("add", "C# add 8x8", 1, () => { using var sum = small + small; }),
    ("add_recorded", "C# add 8x8, recorded", 1, () => { using var sum = leaf + small; }),
    ("chain", "C# chain of ten 8x8, forward and backward", 1, () =>
    {
        using var scope = Tensor.Scope();
        var x = leaf;
        for (var i = 0; i < 5; i++)
            x = (x * small).Tanh();
        x.Sum().Backward();
        leaf.Grad = null;
    }),
    ("mlp", "C# MLP training step", 2, () =>
    {
        using var scope = Tensor.Scope();
        var loss = Functional.CrossEntropy(model.Call(images), labels);
        adam.ZeroGrad();
        loss.Backward();
        adam.Step();
    }),
};

if (Wanted("one operator on 8x8"))
    MeasureOverhead();

using var peer = PythonPeer.TryStart(Option("--python"));
Console.WriteLine(peer is null ? "no peer: Python with PyTorch was not found" : $"peer: Python, PyTorch {peer.Version}");
Console.WriteLine($"{"work",-62} {"ours",10} {"peer",10} {"ratio",7}");
var rows = new List<object>();
foreach (var (name, title, threads, run) in work)
    Compare(name, title, threads, run);
if (!quick)
    CompareNetworks();
using (BusyProcess.Start())
    Compare("mlp", "C# MLP training step beside a busy process", 2, work[^1].Run);
if (json is not null)
{
    // Rows of the native benchmarks, if the file has any, come first.
    var all = File.Exists(json) ? JsonSerializer.Deserialize<List<object>>(File.ReadAllText(json)) ?? [] : [];
    all.AddRange(rows);
    File.WriteAllText(json, JsonSerializer.Serialize(all, new JsonSerializerOptions { WriteIndented = true }));
}

// Each network is freed after its row is measured.
void CompareNetworks()
{
    foreach (var (name, title) in TrainingStep.All)
    {
        if (!Wanted(title))
            continue;
        using var step = new TrainingStep(name);
        Compare(name, "C# " + title, 2, step.Run);
    }
    if (!OperatingSystem.IsLinux())
        return;
    foreach (var (name, title) in TrainingStep.All)
    {
        if (Wanted("peak memory, " + title))
            CompareMemory(name, "peak memory, " + title);
    }
}

void CompareMemory(string name, string title)
{
    if (PeakMemory.OfOurs(name) is not { } ours)
        throw new InvalidOperationException($"the process that trains {name} ended without a result");
    var theirs = peer is null ? null : PeakMemory.OfPeer(peer.Python, name);
    Row(title + ", MB", ours.Total, theirs?.Total);
    Row(title + ", growth, MB", ours.Growth, theirs?.Growth);

    void Row(string row, double our, double? their)
    {
        Console.WriteLine($"{row,-62} {our,10:F0} {their?.ToString("F0") ?? "-",10} {(their / our)?.ToString("F2") ?? "-",7} MB");
        rows.Add(new { name = row, ours = our, peer = their, ratio = their / our, unit = "MB" });
    }
}

// The overhead of the managed layer, and the bytes that it allocates.
void MeasureOverhead()
{
    Runtime.NumThreads = 1;
    var rawNanoseconds = RawCall.Measure(small, turns, seconds);
    var managedNanoseconds = Timing.Median(work[0].Run, turns, seconds);
    var before = GC.GetAllocatedBytesForCurrentThread();
    for (var i = 0; i < 1000; i++)
        work[0].Run();
    var allocated = (GC.GetAllocatedBytesForCurrentThread() - before) / 1000.0;
    Console.WriteLine($"one operator on 8x8: C ABI {rawNanoseconds:F0} ns, C# {managedNanoseconds:F0} ns, " +
        $"managed overhead {managedNanoseconds - rawNanoseconds:F0} ns, {allocated:F0} bytes allocated per call");
}

bool Wanted(string title) => filter is null || title.Contains(filter, StringComparison.OrdinalIgnoreCase);

void Compare(string name, string title, int threads, Action run)
{
    if (!Wanted(title))
        return;
    Runtime.NumThreads = Math.Min(threads, Environment.ProcessorCount);
    peer?.UseThreads(Runtime.NumThreads);
    var count = Timing.Repetitions(run, seconds);
    var ours = new List<double>();
    var theirs = new List<double>();
    for (var turn = 0; turn < turns; turn++)
    {
        ours.Add(Timing.Nanoseconds(run, count));
        if (peer is not null)
            theirs.Add(peer.Nanoseconds(name, Math.Max(1, count / 3)));
    }
    var our = Timing.Median(ours) / 1000;
    double? their = peer is null ? null : Timing.Median(theirs) / 1000;
    double? ratio = peer is null ? null : Timing.Median(ours.Zip(theirs, (a, b) => b / a).ToList());
    Console.WriteLine($"{title,-62} {our,10:F2} {their?.ToString("F2") ?? "-",10} {ratio?.ToString("F2") ?? "-",7} us");
    rows.Add(new { name = title, ours = our, peer = their, ratio, unit = "us" });
}

string? Option(string name)
{
    var at = Array.IndexOf(args, name);
    return at >= 0 && at + 1 < args.Length ? args[at + 1] : null;
}
