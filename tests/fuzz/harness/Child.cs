// The child process: runs one case after the other and says so before each, so that the parent knows which one did it when
// the process dies or stops answering.

using System.Globalization;

namespace TorchScratch.Fuzz;

internal static class Child
{
    // A child is replaced after this many cases, so that what one case leaves behind cannot add up.
    private const int MaxCases = 20_000;

    public static int Run(IFuzzer fuzzer, ulong first)
    {
        // Cases may write to the console; the parent reads the real output.
        using var output = new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true };
        Console.SetOut(TextWriter.Null);
        Sandbox.Enter();
        for (var seed = first; seed < first + MaxCases; seed++)
        {
            var fuzzCase = fuzzer.Make(seed);
            output.WriteLine(Message.Begin(seed, fuzzCase.Subject));
            Finding? finding;
            try
            {
                finding = fuzzCase.Run();
            }
            catch (Exception exception)
            {
                finding = new Finding("the fuzzer failed", exception.ToString());
            }
            if (finding is not null)
                output.WriteLine(Message.Of(seed, fuzzCase, finding));
            if (IsFull())
            {
                output.WriteLine(Message.End(seed + 1));
                return 0;
            }
        }
        output.WriteLine(Message.End(first + MaxCases));
        return 0;
    }

    // Whether so much is alive that the memory limit would refuse what a case needs, even after a collection.
    private static bool IsFull()
    {
        if (Runtime.AllocatorStatistics.LiveBytes < Sandbox.NativeBytes / 4)
            return false;
        GC.Collect();
        GC.WaitForPendingFinalizers();
        using var sweep = Tensor.FromScalar(0);
        return Runtime.AllocatorStatistics.LiveBytes > Sandbox.NativeBytes / 4;
    }
}

/// <summary>The lines that a child writes: fields between tabs.</summary>
internal static class Message
{
    public static string Begin(ulong seed, string subject) => Line("begin", seed, subject);

    public static string Of(ulong seed, IFuzzCase fuzzCase, Finding finding) =>
        Line("finding", seed, fuzzCase.Subject, finding.Kind, finding.Message, fuzzCase.Text);

    public static string End(ulong next) => Line("end", next);

    public static (string Kind, ulong Seed, string[] Fields)? Read(string line)
    {
        var fields = line.Split('\t');
        return fields.Length >= 2 && ulong.TryParse(fields[1], CultureInfo.InvariantCulture, out var seed)
            ? (fields[0], seed, Array.ConvertAll(fields[2..], field => field.Replace("\\n", "\n", StringComparison.Ordinal)))
            : null;
    }

    private static string Line(string kind, ulong seed, params string[] rest) =>
        string.Join('\t', [kind, seed.ToString(CultureInfo.InvariantCulture), .. rest.Select(Escape)]);

    private static string Escape(string text) => text.Replace('\t', ' ').ReplaceLineEndings("\\n");
}
