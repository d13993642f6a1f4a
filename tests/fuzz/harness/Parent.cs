// The parent process: starts a child, and again after each crash or hang, until the time is over; then prints the findings.

using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Reflection;

namespace TorchScratch.Fuzz;

internal sealed class Parent(FuzzOptions options)
{
    /// <summary>Names the folder in which a child runs.</summary>
    public const string FolderVariable = "TORCHSCRATCH_FUZZ_FOLDER";

    // More than this for one case is a hang. Starting the runtime can take as long when the machine is busy.
    private static readonly TimeSpan MaxCaseTime = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan MaxStartTime = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan Watch = TimeSpan.FromMilliseconds(50);

    // More than this in a child is memory that no limit holds: native memory has one, the collector's heap has one.
    private const long MaxBytes = 3L << 30;
    private const string MaxHeapHex = "60000000";

    private readonly Findings _findings = new();
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private ulong _cases;

    public int Run()
    {
        var seed = options.Seed;
        while (_clock.Elapsed.TotalSeconds < options.Seconds)
            seed = RunChild(seed);
        Console.WriteLine($"{_cases} cases from seed {options.Seed} in {_clock.Elapsed.TotalSeconds:F0} s");
        return _findings.Print() == 0 ? 0 : 1;
    }

    // The seed with which to go on.
    private ulong RunChild(ulong first)
    {
        var folder = Directory.CreateTempSubdirectory("torchscratch-fuzz-").FullName;
        try
        {
            using var child = Start(["--child", "--seed", Text(first), "--only", options.Only], folder);
            return Attend(child, first);
        }
        finally
        {
            Delete(folder);
        }
    }

    private ulong Attend(Process child, ulong first)
    {
        var lines = new ConcurrentQueue<string>();
        var errors = new ConcurrentQueue<string>();
        var reading = Read(child.StandardOutput, lines, int.MaxValue);
        var readingErrors = Read(child.StandardError, errors, 30);
        var (seed, subject) = (first, "start of the process");
        var began = _clock.Elapsed;
        var hasBegun = false;
        while (true)
        {
            var ended = reading.IsCompleted;
            while (lines.TryDequeue(out var line))
            {
                if (Message.Read(line) is not { } message)
                    continue;
                if (message.Kind == "end")
                {
                    child.WaitForExit();
                    return message.Seed;
                }
                if (message.Kind == "finding")
                {
                    _findings.Add(message.Seed, message.Fields[0], message.Fields[1], message.Fields[2], message.Fields[3]);
                    continue;
                }
                (seed, subject) = (message.Seed, message.Fields[0]);
                began = _clock.Elapsed;
                hasBegun = true;
                _cases++;
            }
            if (ended)
            {
                child.WaitForExit();
                readingErrors.Wait();
                Report(seed, subject, "crash", $"exit code {child.ExitCode}\n" + string.Join('\n', errors));
                return seed + 1;
            }
            if (_clock.Elapsed - began > (hasBegun ? MaxCaseTime : MaxStartTime))
            {
                Kill(child);
                Report(seed, subject, "hang", $"no end after {(_clock.Elapsed - began).TotalSeconds:F0} s");
                return seed + 1;
            }
            if (BytesOf(child) is > MaxBytes and var bytes)
            {
                Kill(child);
                Report(seed, subject, "memory", $"the process takes {bytes >> 20} MiB");
                return seed + 1;
            }
            if (_clock.Elapsed.TotalSeconds > options.Seconds && hasBegun)
            {
                Kill(child);
                return seed + 1;
            }
            reading.Wait(Watch);
        }
    }

    // Alone in a fresh process, to say whether the case does it by itself or only after others.
    private void Report(ulong seed, string subject, string kind, string message)
    {
        var folder = Directory.CreateTempSubdirectory("torchscratch-fuzz-").FullName;
        try
        {
            using var process = Start(["--replay", Text(seed), "--only", options.Only], folder);
            var output = process.StandardOutput.ReadToEndAsync();
            var errors = process.StandardError.ReadToEndAsync();
            var ended = process.WaitForExit(MaxStartTime);
            if (!ended)
                Kill(process);
            var isClean = ended && process.ExitCode == 0;
            // The first line of a replay repeats seed and subject.
            var text = string.Join('\n', output.Result.Split('\n').Skip(1));
            if (kind == "hang" && ended && isClean)
            {
                // It only had to wait for the processor.
                return;
            }
            _findings.Add(seed, subject, isClean ? $"{kind}, not alone" : kind, message,
                text + (errors.Result.Length > 0 ? "\n" + Head(errors.Result) : ""));
        }
        finally
        {
            Delete(folder);
        }
    }

    private static Process Start(string[] arguments, string folder)
    {
        var self = Assembly.GetEntryAssembly()!.Location;
        var host = Environment.ProcessPath!;
        var start = new ProcessStartInfo(host)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            Environment =
            {
                [FolderVariable] = folder,
                ["DOTNET_GCHeapHardLimit"] = MaxHeapHex,
                ["DOTNET_DbgEnableMiniDump"] = "0",
            },
        };
        if (Path.GetFileNameWithoutExtension(host) == "dotnet")
            start.ArgumentList.Add(self);
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }

    private static async Task Read(StreamReader reader, ConcurrentQueue<string> lines, int keep)
    {
        while (await reader.ReadLineAsync().ConfigureAwait(false) is { } line)
        {
            lines.Enqueue(line);
            if (lines.Count > keep)
                lines.TryDequeue(out _);
        }
    }

    private static long BytesOf(Process process)
    {
        try
        {
            process.Refresh();
            return process.WorkingSet64;
        }
        catch (InvalidOperationException)
        {
            // It has just ended.
            return 0;
        }
    }

    private static void Kill(Process process)
    {
        process.Kill(entireProcessTree: true);
        process.WaitForExit();
    }

    private static void Delete(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // What is left in the system's temporary folder does no harm.
        }
    }

    private static string Head(string text) => string.Join('\n', text.Split('\n').Take(12));

    private static string Text(ulong seed) => seed.ToString(CultureInfo.InvariantCulture);
}
