// Writes the results as text: a table, the first failures and a closing line.

namespace TorchScratch.Conformance.Reports;

internal static class TextReport
{
    private const int FailuresPerOperator = 3;
    private const int FailuresInAll = 60;

    /// <summary>Writes the report.</summary>
    /// <param name="output">Receives the text.</param>
    /// <param name="results">The operators.</param>
    /// <param name="verbose">
    /// Whether to list all operators and failures, rather than only operators with failures or skipped calls.
    /// </param>
    public static void Write(TextWriter output, IReadOnlyList<OperatorResult> results, bool verbose)
    {
        WriteTable(output, results.Where(result => verbose || result.Failed > 0 || result.IsKnown && result.Skipped > 0));
        WriteFailures(output, results, verbose);
        WriteNotes(output, results);
        WriteReasons(output, results);
        WriteNames(output, "Operators without a method, skipped", results.Where(result => !result.IsKnown)
            .Select(result => result.Operator));
        WriteNames(output, "Operators with calls that no overload accepts, skipped", results
            .Where(result => result.IsKnown && result.Skipped > 0)
            .Select(result => $"{result.Operator} ({result.Skipped})"));
        WriteUncompilable(output, results);
        output.WriteLine(Closing(results));
    }

    /// <summary>The line that scripts read.</summary>
    public static string Closing(IReadOnlyList<OperatorResult> results) =>
        $"{results.Sum(result => result.Passed)} passed, {results.Sum(result => result.Failed)} failed, " +
        $"{results.Sum(result => result.Skipped)} skipped";

    private static void WriteTable(TextWriter output, IEnumerable<OperatorResult> results)
    {
        OperatorResult[] rows = [.. results];
        if (rows.Length == 0)
            return;
        var width = rows.Max(row => row.Operator.Length);
        output.WriteLine($"{"operator".PadRight(width)}  passed  failed  skipped");
        foreach (var row in rows)
            output.WriteLine($"{row.Operator.PadRight(width)}  {row.Passed,6}  {row.Failed,6}  {row.Skipped,7}");
        output.WriteLine();
    }

    private static void WriteFailures(TextWriter output, IReadOnlyList<OperatorResult> results, bool verbose)
    {
        var shown = results.SelectMany(result => result.Failures.Take(verbose ? int.MaxValue : FailuresPerOperator)
            .Select(failure => (result.Operator, Failure: failure))).Take(verbose ? int.MaxValue : FailuresInAll).ToArray();
        foreach (var (name, failure) in shown)
        {
            output.WriteLine($"FAILED {name}, {failure.Name}: {failure.Call}");
            output.WriteLine($"       {failure.Message}");
        }
        var hidden = results.Sum(result => result.Failed) - shown.Length;
        if (hidden > 0)
            output.WriteLine($"and {hidden} more; --verbose shows them");
        if (shown.Length > 0)
            output.WriteLine();
    }

    private static void WriteNotes(TextWriter output, IReadOnlyList<OperatorResult> results)
    {
        foreach (var result in results)
        {
            foreach (var note in result.Notes)
                output.WriteLine($"note   {result.Operator}, {note.Name}: {note.Call}: {note.Message}");
        }
    }

    // Neither passed nor skipped: these calls cannot be run.
    private static void WriteUncompilable(TextWriter output, IReadOnlyList<OperatorResult> results)
    {
        CaseResult[] refused = [.. results.SelectMany(result => result.Cases)
            .Where(result => result.Outcome == Outcome.DoesNotCompile)];
        if (refused.Length == 0)
            return;
        output.WriteLine("Calls that must raise and that C# cannot make: numbers become tensors, other types do not " +
            $"compile ({refused.Length}):");
        foreach (var reason in refused.GroupBy(result => result.Message))
            output.WriteLine($"  {reason.Key}: {string.Join("; ", reason.Select(result => result.Call))}");
    }

    private static void WriteReasons(TextWriter output, IReadOnlyList<OperatorResult> results)
    {
        foreach (var result in results)
        {
            foreach (var skipped in result.Cases.Where(sample => sample is { Outcome: Outcome.Unsupported, Message: not null }))
                output.WriteLine($"skipped {result.Operator}, {skipped.Name}: {skipped.Call}: {skipped.Message}");
        }
    }

    private static void WriteNames(TextWriter output, string title, IEnumerable<string> names)
    {
        string[] list = [.. names];
        if (list.Length > 0)
            output.WriteLine($"{title} ({list.Length}): {string.Join(", ", list)}");
    }
}
