// Why a call cannot be made in C#. PyTorch checks at run time that an argument is a tensor; C# makes a 0-d tensor of the
// number in maximum(x, 2), and rejects other types. A sample that must raise for this reason cannot be run, so it is
// shown that no overload accepts it: each one has a parameter to whose type the argument has no implicit conversion,
// that of numbers to tensors aside.

namespace TorchScratch.Conformance.Calls;

internal static class CompilerRefusal
{
    /// <summary>The reason in words; null if the types of the arguments do not exclude the call.</summary>
    public static string? Reason(IReadOnlyList<OperatorMethod> overloads, OperatorCall call)
    {
        // x.__radd__(y) is a method of tensors; in C# it is y + x.
        if (call.TorchName.StartsWith("__", StringComparison.Ordinal) && call.Positional is [not Tensor and not null, ..])
            return $"self takes a Tensor, not a {Name(call.Positional[0]!)}";
        var reasons = new List<string>();
        foreach (var overload in overloads)
        {
            if (Refused(overload.Parameters, call) is not { } reason)
                return null;
            reasons.Add(reason);
        }
        return reasons.Count == 0 ? null : string.Join(", ", reasons.Distinct());
    }

    private static string? Refused(OperatorParameter[] parameters, OperatorCall call)
    {
        for (var i = 0; i < Math.Min(parameters.Length, call.Positional.Length); i++)
        {
            if (Refused(parameters[i], call.Positional[i]) is { } reason)
                return reason;
        }
        foreach (var (name, value) in call.Keywords)
        {
            if (Array.Find(parameters, parameter => parameter.IsNamed(name)) is { } parameter &&
                Refused(parameter, value) is { } reason)
                return reason;
        }
        return null;
    }

    private static string? Refused(OperatorParameter parameter, object? value) =>
        value is null or not (bool or long or double or string or Tensor) || Converts(value, parameter.Type)
            ? null
            : $"{parameter.Name} takes a {Name(parameter.Type)}, not a {Name(value)}";

    private static bool Converts(object value, Type to)
    {
        to = Nullable.GetUnderlyingType(to) ?? to;
        // C# makes a tensor of the number, so the call is another one.
        if (to == typeof(Tensor) && value is not Tensor)
            return false;
        Type[] from = value is long ? [typeof(long), typeof(int)] : [value.GetType()];
        return Array.Exists(from, type => to.IsAssignableFrom(type) || IsWidening(type, to) ||
            HasConversion(to, type, to) || HasConversion(type, type, to));
    }

    // The implicit numeric conversions of C# between the types that samples and operators use.
    private static bool IsWidening(Type from, Type to) =>
        from == typeof(int) && (to == typeof(long) || to == typeof(float) || to == typeof(double)) ||
        from == typeof(long) && (to == typeof(float) || to == typeof(double));

    private static bool HasConversion(Type owner, Type from, Type to) => owner.GetMethods()
        .Any(method => method.Name == "op_Implicit" && method.ReturnType == to &&
            method.GetParameters()[0].ParameterType.IsAssignableFrom(from));

    private static string Name(object value) => value switch
    {
        bool => "bool",
        long => "whole number",
        double => "double",
        string => "text",
        _ => value.GetType().Name,
    };

    private static string Name(Type type) => (Nullable.GetUnderlyingType(type) ?? type) switch
    {
        var list when OperatorMethod.ElementOf(list) is { } element => $"list of {element.Name}",
        var other => other.Name,
    };
}
