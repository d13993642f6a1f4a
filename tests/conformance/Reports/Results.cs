// What came of calls, operators and the whole run.

namespace TorchScratch.Conformance.Reports;

internal enum Outcome
{
    Passed,
    Failed,

    /// <summary>There is no method, or no overload takes the arguments.</summary>
    Unsupported,

    /// <summary>It must raise, and C# refuses it sooner: the compiler converts an argument to no overload's type.</summary>
    DoesNotCompile,
}

/// <summary>One call.</summary>
/// <param name="Name">Its place in the fixture, as in <c>case 3</c>.</param>
/// <param name="Outcome">What came of it.</param>
/// <param name="Call">The call in words.</param>
/// <param name="Message">What was wrong; of a call that passed, what a reader should know.</param>
internal sealed record CaseResult(string Name, Outcome Outcome, string Call, string? Message);

/// <summary>All calls of an operator.</summary>
/// <param name="Operator">Its name.</param>
/// <param name="IsKnown">Whether the library has a method for it.</param>
/// <param name="Cases">Its calls.</param>
internal sealed record OperatorResult(string Operator, bool IsKnown, IReadOnlyList<CaseResult> Cases)
{
    public int Passed => Count(Outcome.Passed);

    public int Failed => Count(Outcome.Failed);

    public int Skipped => Count(Outcome.Unsupported);

    public int Uncompilable => Count(Outcome.DoesNotCompile);

    public IEnumerable<CaseResult> Failures => Cases.Where(result => result.Outcome == Outcome.Failed);

    public IEnumerable<CaseResult> Notes => Cases.Where(result => result is { Outcome: Outcome.Passed, Message: not null });

    /// <summary>One line.</summary>
    public string Summary => $"{Passed} passed, {Failed} failed, {Skipped} skipped";

    private int Count(Outcome outcome) => Cases.Count(result => result.Outcome == outcome);
}
