// Tests of the rules: what each accepts and what it rejects, with constructed results.

using NUnit.Framework;
using TorchScratch.Conformance.Calls;
using TorchScratch.Conformance.Checks;

namespace TorchScratch.Conformance;

/// <summary>Tests the checks themselves, most of which never fail for a correct library.</summary>
[TestFixture]
public class RuleTests
{
    [Test]
    public void ValuesMustAgreeWithinTheTolerance()
    {
        Assert.That(Difference("exp", Call("exp", Vector(0)), [Vector(1.000001f)], [Vector(1)]), Is.Null);
        Assert.That(Difference("exp", Call("exp", Vector(0)), [Vector(1.0001f)], [Vector(1)]), Does.Contain("off by"));
        Assert.That(Difference("exp", Call("exp", Vector(0)), [Vector(float.NaN)], [Vector(float.NaN)]), Is.Null);
        Assert.That(Difference("exp", Call("exp", Vector(0)), [Vector(float.PositiveInfinity)], [Vector(1e38f)]), Is.Not.Null);
        Assert.That(Difference("exp", Call("exp", Vector(0)), [Tensor.FromArray([1.0])], [Vector(1)]), Does.Contain("float64"));
        Assert.That(Difference("exp", Call("exp", Vector(0)), [Vector(1).Reshape(1, 1)], [Vector(1)]), Does.Contain("shape"));
        Assert.That(Difference("exp", Call("exp", Vector(0)), [], [Vector(1)]), Does.Contain("0 outputs"));
    }

    [Test]
    public void SumsMayBeOffByTheirRoundingErrors()
    {
        // Two terms of magnitude 1e4: the bound eps sqrt(2) 2e4 is 3.4e-3.
        var call = Call("matmul", Vector(1e4f, -1e4f), Vector(1, 1));
        var verdict = OutputRule.Of("matmul").Check(call, [Scalar(0.003f)], [Scalar(0)]);
        Assert.That(verdict.Difference, Is.Null);
        Assert.That(verdict.Note, Does.Contain("n = 2"));
        Assert.That(Difference("matmul", call, [Scalar(0.004f)], [Scalar(0)]), Is.Not.Null);
        Assert.That(OutputRule.Of("matmul").Check(call, [Scalar(0)], [Scalar(0)]).Note, Is.Null);
    }

    [Test]
    public void IndicesOfASortNeedOnlySelectTheValues()
    {
        var call = Call("sort", Vector(2, 1, 1));
        Tensor[] expected = [Vector(1, 1, 2), Indices(1, 2, 0)];
        Assert.That(Difference("sort", call, [Vector(1, 1, 2), Indices(2, 1, 0)], expected), Is.Null);
        Assert.That(Difference("sort", call, [Vector(1, 1, 2), Indices(1, 1, 0)], expected), Does.Contain("twice"));
        Assert.That(Difference("sort", call, [Vector(1, 1, 2), Indices(1, 3, 0)], expected), Does.Contain("range"));
        Assert.That(Difference("sort", call, [Vector(1, 2, 1), Indices(1, 0, 2)], expected), Does.Contain("instead of"));
        Assert.That(Difference("argsort", Call("argsort", Vector(2, 1, 1)), [Indices(2, 1, 0)], [Indices(1, 2, 0)]), Is.Null);
    }

    [Test]
    public void AnUnsortedTopkMayComeInAnyOrderWithItsWeights()
    {
        var call = Call("topk", Vector(3, 1, 2), 2L, 0L, true, false);
        Tensor[] actual = [Vector(2, 3), Indices(2, 0)];
        Tensor[] expected = [Vector(3, 2), Indices(0, 2)];
        Assert.That(Difference("topk", call, actual, expected), Is.Null);
        var weights = OutputRule.Of("topk").Cotangents(call, actual, expected, [Vector(10, 20), null]);
        Assert.That(weights[0]!.ToArray<float>(), Is.EqualTo(new float[] { 20, 10 }));
        var sorted = Call("topk", Vector(3, 1, 2), 2L);
        Assert.That(Difference("topk", sorted, actual, expected), Is.Not.Null);
    }

    [Test]
    public void UniqueValuesComeInOrderOnlyWhenSorted()
    {
        Tensor[] actual = [Vector(3, 1), Indices(0, 1, 0), Indices(2, 1)];
        Tensor[] expected = [Vector(1, 3), Indices(1, 0, 1), Indices(1, 2)];
        var unsorted = Call("unique", Vector(3, 1, 3), false, true, true);
        Assert.That(Difference("unique", unsorted, actual, expected), Is.Null);
        Assert.That(Difference("unique", unsorted, [actual[0], Indices(0, 0, 0), actual[2]], expected), Does.Contain("inverse"));
        Assert.That(Difference("unique", unsorted, [actual[0], actual[1], Indices(1, 2)], expected), Does.Contain("counted"));
        Assert.That(Difference("unique", Call("unique", Vector(3, 1, 3), true, true, true), actual, expected), Is.Not.Null);
    }

    [Test]
    public void FactorsAreRightUpToSigns()
    {
        var a = Matrix(2, 0, 0, 3);
        var (plus, minus) = (Matrix(1, 0, 0, 1), Matrix(-1, 0, 0, 1));
        Tensor[] expected = [plus, Matrix(2, 0, 0, 3)];
        Assert.That(Difference("linalg_qr", Call("linalg_qr", a), [minus, Matrix(-2, 0, 0, 3)], expected), Is.Null);
        Assert.That(Difference("linalg_qr", Call("linalg_qr", a), [minus, Matrix(2, 0, 0, 3)], expected), Does.Contain("QR"));
        Assert.That(Difference("linalg_qr", Call("linalg_qr", a), [Matrix(2, 0, 0, 1), Matrix(1, 0, 0, 3)], expected),
            Does.Contain("Q'Q"));
        Assert.That(Difference("linalg_qr", Call("linalg_qr", Matrix(0, 3, 2, 0)), [plus, Matrix(0, 3, 2, 0)], expected),
            Does.Contain("triangular"));
        Assert.That(Difference("linalg_eigh", Call("linalg_eigh", a), [Vector(2, 3), minus], [Vector(2, 3), plus]), Is.Null);
        Assert.That(Difference("linalg_eigh", Call("linalg_eigh", a), [Vector(3, 2), minus], [Vector(2, 3), plus]), Is.Not.Null);

        var swap = Matrix(0, 1, 1, 0);
        Assert.That(Difference("linalg_svd", Call("linalg_svd", a), [Matrix(0, -1, 1, 0), Vector(3, 2), Matrix(0, 1, -1, 0)],
            [swap, Vector(3, 2), swap]), Is.Null);
        var weights = OutputRule.Of("linalg_svd").Cotangents(Call("linalg_svd", a),
            [Matrix(0, -1, 1, 0), Vector(3, 2), Matrix(0, 1, -1, 0)], [swap, Vector(3, 2), swap], [Matrix(1, 2, 3, 4), null, Matrix(1, 2, 3, 4)]);
        Assert.That(weights[0]!.ToArray<float>(), Is.EqualTo(new float[] { 1, -2, 3, -4 }));
        Assert.That(weights[2]!.ToArray<float>(), Is.EqualTo(new float[] { 1, 2, -3, -4 }));
    }

    [Test]
    public void OnlyWhatNoOverloadCouldTakeDoesNotCompile()
    {
        Assert.That(Binder.WhyNotCompilable(Call("maximum", Vector(1), 2L)), Is.EqualTo("other takes a Tensor, not a whole number"));
        Assert.That(Binder.WhyNotCompilable(Call("maximum", 2L, Vector(1))), Does.StartWith("self takes a Tensor"));
        Assert.That(Binder.WhyNotCompilable(Call("add", 2L, Vector(1))), Is.Null);
        Assert.That(Binder.WhyNotCompilable(Call("cumsum", Vector(1), 2L)), Is.Null);
        Assert.That(Binder.WhyNotCompilable(Call("cumsum", Vector(1), "x")), Does.Contain("not a text"));
    }

    [Test]
    public void AnUnknownNameIsAValueOutsideTheEnumeration()
    {
        var bound = Binder.Bind(Call("l1_loss", Vector(1), Vector(2)) with
        {
            Keywords = new Dictionary<string, object?> { ["reduction"] = "abc" },
        });
        Assert.That(bound is not null);
        Assert.Throws<ValueException>(() => _ = bound!());
    }

    private static string? Difference(string op, OperatorCall call, Tensor[] actual, Tensor[] expected) =>
        OutputRule.Of(op).Check(call, actual, expected).Difference;

    private static OperatorCall Call(string op, params object?[] arguments) =>
        new(op, op, arguments, new Dictionary<string, object?>());

    private static Tensor Vector(params float[] values) => Tensor.FromArray(values);

    private static Tensor Scalar(float value) => Tensor.FromScalar(value);

    private static Tensor Indices(params long[] values) => Tensor.FromArray(values);

    private static Tensor Matrix(float a, float b, float c, float d) => Tensor.FromArray([a, b, c, d], (2, 2));
}
