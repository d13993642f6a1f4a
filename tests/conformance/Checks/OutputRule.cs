// What of an operator's outputs PyTorch promises. Most promise every value; the other rules are for those that do not.

using TorchScratch.Conformance.Calls;

namespace TorchScratch.Conformance.Checks;

/// <summary>What a comparison found.</summary>
/// <param name="Difference">What differs, in words; null when all that is promised is right.</param>
/// <param name="Note">What a reader should know of a comparison that passed.</param>
internal readonly record struct Verdict(string? Difference, string? Note = null);

/// <summary>Compares outputs with PyTorch's; this one compares all values.</summary>
internal class OutputRule
{
    private static readonly OutputRule AllValues = new();

    // The names are operators, never samples.
    private static readonly Dictionary<string, OutputRule> Rules = new(StringComparer.Ordinal)
    {
        ["sort"] = new SelectionRule(dimPosition: 1),
        ["topk"] = new SelectionRule(dimPosition: 2),
        ["argsort"] = new SelectionRule(dimPosition: 1, onlyIndices: true),
        ["unique"] = new UniqueRule(),
        ["svd"] = new FactorizationRule(Factorization.Svd),
        ["linalg_svd"] = new FactorizationRule(Factorization.SvdAdjoint),
        ["qr"] = new FactorizationRule(Factorization.Qr),
        ["linalg_qr"] = new FactorizationRule(Factorization.Qr),
        ["linalg_eigh"] = new FactorizationRule(Factorization.Eigh),
    };

    public static OutputRule Of(string op) =>
        SumRule.Operators.Contains(op) ? new SumRule() :
        NormalizationRule.Operators.Contains(op) ? new NormalizationRule() :
        Rules.GetValueOrDefault(op, AllValues);

    /// <summary>Compares number, types and shapes of the outputs, then values.</summary>
    public Verdict Check(OperatorCall call, Tensor[] actual, Tensor[] expected)
    {
        if (actual.Length != expected.Length)
            return new($"gives {actual.Length} outputs instead of {expected.Length}");
        for (var i = 0; i < expected.Length; i++)
        {
            if (Comparison.KindDifference(actual[i], expected[i]) is { } difference)
                return new($"output {i} {difference}");
        }
        return CheckValues(call, actual, expected);
    }

    /// <summary>
    /// The weights of the loss, which is to be the same function of the input as PyTorch's even where an output is
    /// another one that is as right.
    /// </summary>
    public virtual Tensor?[] Cotangents(OperatorCall call, Tensor[] actual, Tensor[] expected, Tensor?[] cotangents) =>
        cotangents;

    /// <summary>The same once numbers, types and shapes of the outputs are known to be right.</summary>
    protected virtual Verdict CheckValues(OperatorCall call, Tensor[] actual, Tensor[] expected)
    {
        for (var i = 0; i < expected.Length; i++)
        {
            if (CheckOne(i, actual, expected) is { } difference)
                return new(difference);
        }
        return default;
    }

    /// <summary>All values of one output.</summary>
    protected static string? CheckOne(int i, Tensor[] actual, Tensor[] expected) =>
        Comparison.Difference(actual[i], expected[i], Tolerance.OfOutput(expected[i].DType)) is { } difference
            ? $"output {i} {difference}"
            : null;
}
