// Converts an argument of a fixture to a C# argument. What a C# caller could not write, such as a float for
// a long, is refused.

using TorchScratch.Conformance.Fixtures;

namespace TorchScratch.Conformance.Calls;

internal static class ArgumentConversion
{
    /// <summary>The cost of a conversion; an overload that takes the argument unchanged is preferred.</summary>
    private const int Widened = 1;

    /// <summary>The cost of a value outside its enumeration, which is used only if nothing else fits.</summary>
    private const int Outside = 100;

    /// <summary>
    /// Converts an argument. The result is the cost, or null if the parameter does not accept the argument.
    /// </summary>
    public static int? Convert(object? value, OperatorParameter parameter, out object? converted)
    {
        converted = null;
        var type = Nullable.GetUnderlyingType(parameter.Type) ?? parameter.Type;
        if (value is null && parameter.AllowsNull)
            return 0;
        if (type == typeof(OptionalDType))
            return ToOptionalDType(value, out converted);
        if (type == typeof(Scalar))
            return ToScalar(value, out converted);
        if (type.IsEnum)
            return ToEnum(value, type, out converted);
        if (OperatorMethod.ElementOf(type) is { } element)
            return ToList(value, element, out converted);

        (object? Value, int? Cost) result = value switch
        {
            long number when type == typeof(double) => ((double)number, Widened),
            long number when type == typeof(int) && number == (int)number => ((int)number, 0),
            _ => type.IsInstanceOfType(value) ? (value, 0) : (null, null),
        };
        converted = result.Value;
        return result.Cost;
    }

    private static int? ToScalar(object? value, out object? converted)
    {
        (Scalar? Value, int? Cost) result = value switch
        {
            bool number => (number, 0),
            long number => (number, 0),
            double number => (number, 0),
            // As in PyTorch's argument parser: a 0-d tensor counts as a number, unless it requires a gradient.
            Tensor { NDim: 0, RequiresGrad: false } tensor => (tensor.Item(), Widened),
            _ => (null, null),
        };
        converted = result.Value;
        return result.Cost;
    }

    // 'mean' is Reduction.Mean, and Python's None is the member None. A text that is not the name of a member becomes a
    // number outside the enumeration, which is what a C# program could pass instead.
    private static int? ToEnum(object? value, Type type, out object? converted)
    {
        var name = value switch
        {
            null => "None",
            string text => text.Replace("_", "", StringComparison.Ordinal),
            DTypeArgument dtype => dtype.Name,
            _ => "",
        };
        converted = null;
        // Enum.TryParse also accepts numbers, which are not names.
        if (name.Length == 0 || !char.IsAsciiLetter(name[0]) || (value is DTypeArgument) != (type == typeof(DType)))
            return null;
        if (Enum.TryParse(type, name, ignoreCase: true, out converted))
            return 0;
        converted = Enum.ToObject(type, int.MaxValue);
        return value is string ? Outside : null;
    }

    private static int? ToOptionalDType(object? value, out object? converted)
    {
        converted = default(OptionalDType);
        if (value is null)
            return 0;
        var cost = ToEnum(value, typeof(DType), out var dtype);
        if (cost is not null)
            converted = new OptionalDType((DType)dtype!);
        return cost;
    }

    private static int? ToList(object? value, Type element, out object? converted)
    {
        converted = null;
        if (value is not object?[] list)
        {
            // A single number is accepted as a list, as for PyTorch's int[2].
            if (value is not long || element != typeof(long))
                return null;
            converted = new[] { (long)value };
            return Widened;
        }
        var array = Array.CreateInstance(element, list.Length);
        for (var i = 0; i < list.Length; i++)
        {
            if (!element.IsInstanceOfType(list[i]))
                return null;
            array.SetValue(list[i], i);
        }
        converted = array;
        return 0;
    }
}
