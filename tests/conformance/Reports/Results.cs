// The results of calls and operators.

namespace TorchScratch.Conformance.Reports;

internal enum Outcome
{
    Passed,
    Failed,

    /// <summary>There is no method, or no overload accepts the arguments.</summary>
    Unsupported,

    /// <summary>
    /// The call must raise, and in C# it does not compile: no overload has a parameter type to which an
    /// argument converts.
    /// </summary>
    DoesNotCompile,
}

/// <summary>One call.</summary>
/// <param name="Name">Its position in the fixture, as in <c>case 3</c>.</param>
/// <param name="Outcome">The result.</param>
/// <param name="Call">The call as text.</param>
/// <param name="Message">What was wrong; for a call that passed, a remark.</param>
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

    /// <summary>The counts in one line.</summary>
    public string Summary => $"{Passed} passed, {Failed} failed, {Skipped} skipped";

    private int Count(Outcome outcome) => Cases.Count(result => result.Outcome == outcome);
}
