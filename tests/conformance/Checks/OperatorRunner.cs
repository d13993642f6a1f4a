// Makes every call of a fixture and checks outputs, gradients and errors.

using System.Runtime.CompilerServices;
using TorchScratch.Conformance.Calls;
using TorchScratch.Conformance.Fixtures;
using TorchScratch.Conformance.Reports;

namespace TorchScratch.Conformance.Checks;

internal sealed class OperatorRunner
{
    private readonly OperatorFixture _fixture;
    private readonly OutputRule _rule;

    private OperatorRunner(OperatorFixture fixture) => (_fixture, _rule) = (fixture, OutputRule.Of(fixture.Operator));

    /// <summary>Runs one operator of a directory. Exceptions, even from broken fixtures, become failures.</summary>
    public static OperatorResult Run(string directory, string name)
    {
        try
        {
            using var fixture = OperatorFixture.Read(directory, name);
            return new OperatorRunner(fixture).Run();
        }
        // A file that cannot be read counts as one failure.
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            return new(name, IsKnown: true, [new("fixture", Outcome.Failed, name, Text(exception))]);
        }
    }

    private OperatorResult Run()
    {
        var results = new List<CaseResult>(_fixture.Cases.Length + _fixture.Errors.Length);
        for (var i = 0; i < _fixture.Cases.Length; i++)
        {
            var sample = _fixture.Cases[i];
            results.Add(Run($"case {i}", sample.Call, inputs => Check(sample, inputs)));
        }
        for (var i = 0; i < _fixture.Errors.Length; i++)
        {
            var error = _fixture.Errors[i];
            results.Add(Run($"error {i}", error.Call, inputs => CheckRefused(error, inputs)));
        }
        return new(_fixture.Operator, Binder.Has(new CallInputs(_fixture).Call(Probe())), results);
    }

    // Any call of the operator: whether a method exists does not depend on the arguments.
    private FixtureCall Probe() => _fixture.Cases.Select(sample => sample.Call)
        .Concat(_fixture.Errors.Select(error => error.Call))
        .FirstOrDefault(new FixtureCall([], new Dictionary<string, object?>()));

    private CaseResult Run(string name, FixtureCall call, Func<CallInputs, (Outcome, string?)> check)
    {
        var text = "";
        try
        {
            // Frees the tensors of the case in any case.
            using var scope = Tensor.Scope();
            var inputs = new CallInputs(_fixture);
            text = inputs.Call(call).ToString();
            var (outcome, message) = check(inputs);
            return new(name, outcome, text, message);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            return new(name, Outcome.Failed, text, Text(exception));
        }
    }

    private (Outcome, string?) Check(FixtureCase sample, CallInputs inputs)
    {
        var call = inputs.Call(sample.Call);
        if (Binder.Bind(call) is not { } bound)
            return (Outcome.Unsupported, null);
        Tensor[] outputs = [.. Flattened(bound())];
        if (Array.Find(outputs, output => output is not null && output.Device != Device.Default) is { } elsewhere)
            return (Outcome.Failed, $"an output is on {elsewhere.Device}, the inputs are on {Device.Default}");
        Tensor[] expected = [.. sample.Outputs.Select(_fixture.Tensor)];
        var verdict = _rule.Check(call, outputs, expected);
        var gradients = verdict.Difference is null
            ? CheckGradients(call, inputs, outputs, expected, sample.Cotangents)
            : default;
        return (verdict.Difference ?? gradients.Difference) is { } difference
            ? (Outcome.Failed, difference)
            : (Outcome.Passed, verdict.Note ?? gradients.Note);
    }

    // The gradient of sum(w * output) with respect to an output is w, so the backward pass starts with w.
    private Verdict CheckGradients(OperatorCall call, CallInputs inputs, Tensor[] outputs, Tensor[] expected, string?[] keys)
    {
        if (keys.Length == 0)
            return default;
        Tensor?[] given = [.. keys.Select(key => key is null ? null : _fixture.Tensor(key))];
        var weights = _rule.Cotangents(call, outputs, expected, given);
        // An output that does not depend on an input with a gradient only adds a constant to the loss.
        int[] differentiable = [.. Enumerable.Range(0, outputs.Length)
            .Where(i => weights[i] is not null && outputs[i].RequiresGrad)];
        if (differentiable.Length > 0)
        {
            Autograd.Backward(Array.ConvertAll(differentiable, i => outputs[i]),
                Array.ConvertAll(differentiable, i => weights[i]));
        }
        Verdict verdict = default;
        WideGradients? wide = null;
        foreach (var (argument, tensor) in inputs.Differentiated)
        {
            if (CheckGradient(tensor.Grad, argument.GradientKey) is not { } difference)
                continue;
            if (argument.GradientKey is { } zeros && tensor.Grad is { } cofactors && weights is [{ } weight] &&
                SingularDeterminants.Operators.Contains(call.Operator))
            {
                if (SingularDeterminants.Difference(tensor, weight, cofactors, _fixture.Tensor(zeros)) is { } wrong)
                    return new($"gradient of {argument.Key} {difference}; by minors: {wrong}");
                verdict = new(null, $"the cofactors of a singular matrix, where PyTorch returns 0: gradient of {argument.Key}");
                continue;
            }
            if (argument.GradientKey is not { } key || tensor.Grad is not { } gradient ||
                (wide ??= WideGradients.Of(call, _rule, expected, given)) is not { } exact)
                return new($"gradient of {argument.Key} {difference}");
            if (exact.Difference(tensor, gradient, _fixture.Tensor(key)) is { } distance)
                return new($"gradient of {argument.Key} {difference}; in float64: {distance}");
            verdict = new(null, $"closer to float64 than the sample: gradient of {argument.Key} {difference}");
        }
        return verdict;
    }

    private string? CheckGradient(Tensor? actual, string? key)
    {
        if (key is null)
        {
            return actual is null || Array.TrueForAll(Elements.Doubles(actual), value => value == 0)
                ? null
                : "exists, though there should be none";
        }
        var expected = _fixture.Tensor(key);
        if (actual is not null)
            return Comparison.Difference(actual, expected, Tolerance.OfGradient(expected.DType));
        // A missing gradient stands for zeros.
        return Array.TrueForAll(Elements.Doubles(expected), value => value == 0) ? null : "is missing";
    }

    private static (Outcome, string?) CheckRefused(FixtureError error, CallInputs inputs)
    {
        var call = inputs.Call(error.Call);
        if (Binder.Bind(call) is not { } bound)
            return Binder.WhyNotCompilable(call) is { } reason ? (Outcome.DoesNotCompile, reason) : (Outcome.Unsupported, null);
        try
        {
            bound();
            // On a device, an error in data shows when its work is done.
            if (Device.Default.IsCuda)
                Cuda.Synchronize();
        }
        catch (TorchScratchException)
        {
            return (Outcome.Passed, null);
        }
        return (Outcome.Failed, $"is accepted, although PyTorch raises {error.Raises}: {error.Message}");
    }

    // Flattens tuples and lists, in order; an output that was not requested is null.
    internal static IEnumerable<Tensor> Flattened(object? result) => result switch
    {
        null => [],
        Tensor tensor => [tensor],
        ITuple tuple => Enumerable.Range(0, tuple.Length).SelectMany(i => Flattened(tuple[i])),
        System.Collections.IEnumerable list => list.Cast<object?>().SelectMany(Flattened),
        _ => throw new InvalidDataException($"an output cannot be a {result.GetType().Name}"),
    };

    private static string Text(Exception exception) => $"{exception.GetType().Name}: {exception.Message}";

    /// <summary>The tensors of one call: one leaf for each key, over the data of the fixture.</summary>
    private sealed class CallInputs(OperatorFixture fixture)
    {
        private readonly Dictionary<string, Tensor> _tensors = new(StringComparer.Ordinal);

        /// <summary>The tensors whose gradient is in the fixture.</summary>
        public List<(TensorArgument Argument, Tensor Tensor)> Differentiated { get; } = [];

        public OperatorCall Call(FixtureCall call) => new(fixture.Operator, fixture.TorchName,
            Array.ConvertAll(call.Positional, Resolved),
            call.Keywords.ToDictionary(pair => pair.Key, pair => Resolved(pair.Value), StringComparer.Ordinal));

        private object? Resolved(object? value) => value switch
        {
            TensorArgument argument => Leaf(argument),
            object?[] list => Array.ConvertAll(list, Resolved),
            _ => value,
        };

        private Tensor Leaf(TensorArgument argument)
        {
            if (_tensors.TryGetValue(argument.Key, out var leaf))
                return leaf;
            leaf = fixture.Tensor(argument.Key).Detach();
            _tensors.Add(argument.Key, leaf);
            if (argument.AsksGradient)
                Differentiated.Add((argument, leaf.RequiresGrad_()));
            return leaf;
        }
    }
}
