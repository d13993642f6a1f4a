// Which properties of an operator's outputs PyTorch guarantees. For most operators it is every value; other rules are
// for operators whose values are not unique.

using TorchScratch.Conformance.Calls;

namespace TorchScratch.Conformance.Checks;

/// <summary>The result of a comparison.</summary>
/// <param name="Difference">The difference in words; null if all guaranteed properties hold.</param>
/// <param name="Note">A remark on a comparison that passed; null for none.</param>
internal readonly record struct Verdict(string? Difference, string? Note = null);

/// <summary>Compares outputs with PyTorch's; this one compares all values.</summary>
internal class OutputRule
{
    private static readonly OutputRule AllValues = new();

    // By operator, never by sample.
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
        ["linalg_eigh"] = new FactorizationRule(Factorization.EigH),
    };

    public static OutputRule Of(string op) =>
        SumRule.Operators.Contains(op) ? new SumRule() :
        WideValuesRule.Operators.Contains(op) ? new WideValuesRule() :
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
    /// The weights of the loss, adjusted so that the loss is the same function of the input as in PyTorch, even if an
    /// output is a different but equally correct one.
    /// </summary>
    public virtual Tensor?[] Cotangents(OperatorCall call, Tensor[] actual, Tensor[] expected, Tensor?[] cotangents) =>
        cotangents;

    /// <summary>Compares values; number, types and shapes of the outputs have been checked.</summary>
    protected virtual Verdict CheckValues(OperatorCall call, Tensor[] actual, Tensor[] expected)
    {
        for (var i = 0; i < expected.Length; i++)
        {
            if (CheckOne(i, actual, expected) is { } difference)
                return new(difference);
        }
        return default;
    }

    /// <summary>Compares all values of one output.</summary>
    protected static string? CheckOne(int i, Tensor[] actual, Tensor[] expected) =>
        Comparison.Difference(actual[i], expected[i], Tolerance.OfOutput(expected[i].DType)) is { } difference
            ? $"output {i} {difference}"
            : null;
}
