// Values as Python prints them.

using System.Globalization;

namespace TorchScratch.NN;

internal static class PythonText
{
    /// <summary>A number as Python prints it: 1e-05 rather than 1E-05, 1.0 rather than 1.</summary>
    public static string Of(double value)
    {
        var text = value.ToString("R", CultureInfo.InvariantCulture).Replace("E", "e", StringComparison.Ordinal);
        return text.AsSpan().IndexOfAny('.', 'e') >= 0 ? text : text + ".0";
    }

    public static string Of(double? value) => value is { } number ? Of(number) : "None";

    public static string Of(bool value) => value ? "True" : "False";
}
