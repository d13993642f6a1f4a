// Finds the method and the overload for a call.

using TorchScratch.NN;

namespace TorchScratch.Conformance.Calls;

internal static class Binder
{
    private static readonly Dictionary<(string, string), OperatorMethod[]> Methods = [];

    // Null as long as the library has no such class.
    private static readonly Type? Linalg = typeof(Tensor).Assembly.GetType("TorchScratch.Linalg");

    /// <summary>Whether the library has the operator at all.</summary>
    public static bool Has(OperatorCall call) => PythonCalls.IsIndexing(call) ||
        PythonCalls.Translate(call) is { } translated && Candidates(call.TorchName, translated.Name).Length > 0;

    /// <summary>The call, ready to be invoked; null if no overload accepts its arguments.</summary>
    public static Func<object?>? Bind(OperatorCall call)
    {
        if (PythonCalls.IsIndexing(call))
            return PythonIndex.Bind(call);
        if (PythonCalls.Translate(call) is not { } translated)
            return null;

        (OperatorMethod Method, object?[] Arguments, int Cost)? best = null;
        foreach (var method in Candidates(call.TorchName, translated.Name))
        {
            if (Bind(method.Parameters, translated) is { } bound && (best is null || bound.Cost < best.Value.Cost))
                best = (method, bound.Arguments, bound.Cost);
        }
        return best is { } found ? () => found.Method.Invoke(found.Arguments) : null;
    }

    /// <summary>Why no C# program could contain the call; null if one could.</summary>
    public static string? WhyNotCompilable(OperatorCall call)
    {
        if (PythonCalls.IsIndexing(call))
            return null;
        var translated = PythonCalls.Translate(call);
        return CompilerRefusal.Reason(translated is null ? [] : Candidates(call.TorchName, translated.Name),
            translated is null ? call : call with { Positional = translated.Positional, Keywords = translated.Keywords });
    }

    private static OperatorMethod[] Candidates(string torchName, string name)
    {
        if (!Methods.TryGetValue((torchName, name), out var methods))
        {
            methods = [.. Owners(torchName).SelectMany(owner => OperatorMethod.Of(owner, name))];
            Methods.Add((torchName, name), methods);
        }
        return methods;
    }

    private static Type[] Owners(string torchName) =>
        torchName.StartsWith("linalg.", StringComparison.Ordinal) ? Linalg is null ? [] : [Linalg] :
        torchName.StartsWith("nn.functional.", StringComparison.Ordinal) ? [typeof(Functional), typeof(Tensor)] :
        [typeof(Tensor), typeof(Functional)];

    private static (object?[] Arguments, int Cost)? Bind(OperatorParameter[] parameters, MethodCall call)
    {
        var arguments = new object?[parameters.Length];
        var bound = new bool[parameters.Length];
        var total = 0;

        var positional = Gathered(parameters, call.Positional);
        if (positional.Length > parameters.Length)
            return null;
        for (var i = 0; i < positional.Length; i++)
        {
            if (!Take(i, positional[i]))
                return null;
        }
        foreach (var (name, value) in call.Keywords)
        {
            var i = Array.FindIndex(parameters, parameter => parameter.IsNamed(name));
            if (i < 0 || bound[i] || !Take(i, value))
                return null;
        }
        for (var i = 0; i < parameters.Length; i++)
        {
            if (bound[i])
                continue;
            if (!parameters[i].IsOptional)
                return null;
            arguments[i] = parameters[i].Default;
        }
        return (arguments, total);

        bool Take(int i, object? value)
        {
            if (ArgumentConversion.Convert(value, parameters[i], out arguments[i]) is not { } cost)
                return false;
            total += cost;
            return bound[i] = true;
        }
    }

    // x.permute(0, 1) and meshgrid(x, y): several arguments that a parameter takes as one list.
    private static object?[] Gathered(OperatorParameter[] parameters, object?[] positional)
    {
        for (var i = 0; i < Math.Min(parameters.Length, positional.Length); i++)
        {
            var element = OperatorMethod.ElementOf(parameters[i].Type);
            var gathers = element == typeof(Tensor) || element is not null && parameters[i].IsVariadic;
            if (gathers && element!.IsInstanceOfType(positional[i]))
            {
                var end = i;
                while (end < positional.Length && element.IsInstanceOfType(positional[end]))
                    end++;
                return [.. positional[..i], positional[i..end], .. positional[end..]];
            }
        }
        return positional;
    }
}
