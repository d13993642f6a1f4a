// Names and values as C# writes them.

using System.Globalization;

namespace TorchScratch.Fuzz.Api;

internal static class CSharp
{
    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(bool)] = "bool", [typeof(byte)] = "byte", [typeof(sbyte)] = "sbyte", [typeof(short)] = "short",
        [typeof(ushort)] = "ushort", [typeof(int)] = "int", [typeof(uint)] = "uint", [typeof(long)] = "long",
        [typeof(ulong)] = "ulong", [typeof(float)] = "float", [typeof(double)] = "double", [typeof(string)] = "string",
        [typeof(object)] = "object", [typeof(char)] = "char", [typeof(nint)] = "nint", [typeof(void)] = "void",
    };

    public static string Name(Type type)
    {
        if (Keywords.TryGetValue(type, out var keyword))
            return keyword;
        if (type.IsByRef)
            return "ref " + Name(type.GetElementType()!);
        if (type.IsArray)
            return $"{Name(type.GetElementType()!)}[{new string(',', type.GetArrayRank() - 1)}]";
        if (Nullable.GetUnderlyingType(type) is { } value)
            return Name(value) + "?";
        var name = type.Name.Split('`')[0];
        if (type is { IsNested: true, IsGenericParameter: false })
            name = $"{Name(type.DeclaringType!)}.{name}";
        return type.IsGenericType ? $"{name}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>" : name;
    }

    public static string Literal(object? value) => value switch
    {
        null => "null",
        bool flag => flag ? "true" : "false",
        long number => number switch
        {
            long.MaxValue => "long.MaxValue",
            long.MinValue => "long.MinValue",
            _ => number.ToString(CultureInfo.InvariantCulture) + (number is > int.MaxValue or < int.MinValue ? "L" : ""),
        },
        int.MaxValue => "int.MaxValue",
        int.MinValue => "int.MinValue",
        double.NaN => "double.NaN",
        double.PositiveInfinity => "double.PositiveInfinity",
        double.NegativeInfinity => "double.NegativeInfinity",
        double number => number.ToString("R", CultureInfo.InvariantCulture) is var text &&
            text.AsSpan().IndexOfAny('.', 'E') >= 0 ? text : $"{number:R}.0",
        float.NaN => "float.NaN",
        float number => $"{number.ToString("R", CultureInfo.InvariantCulture)}f",
        string text => text.Length > 200 ? $"new string('{text[0]}', {text.Length})"
            : $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\0", "\\0", StringComparison.Ordinal)
                .Replace("\"", "\\\"", StringComparison.Ordinal).ReplaceLineEndings("\\n")}\"",
        char character => $"'\\u{(int)character:X4}'",
        Enum member => Enum.IsDefined(member.GetType(), member) ? $"{Name(member.GetType())}.{member}"
            : $"({Name(member.GetType())})({member:D})",
        IFormattable number => $"({Name(value.GetType())}){number.ToString(null, CultureInfo.InvariantCulture)}",
        _ => value.ToString() ?? "",
    };

    /// <summary>A call with the texts of its arguments.</summary>
    public static string Call(System.Reflection.MethodBase method, string target, IReadOnlyList<string> arguments)
    {
        var type = Name(method.DeclaringType!);
        var list = string.Join(", ", arguments);
        if (method.IsConstructor)
            return $"new {type}({list})";
        var receiver = method.IsStatic ? type : $"({target})";
        if (method.IsSpecialName && method.Name.StartsWith("get_", StringComparison.Ordinal))
            return arguments.Count == 0 ? $"{receiver}.{method.Name[4..]}" : $"{receiver}[{list}]";
        if (method.IsSpecialName && method.Name.StartsWith("set_", StringComparison.Ordinal))
        {
            return arguments.Count == 1 ? $"{receiver}.{method.Name[4..]} = {list}"
                : $"{receiver}[{string.Join(", ", arguments.SkipLast(1))}] = {arguments[^1]}";
        }
        var generic = method.IsGenericMethod
            ? $"<{string.Join(", ", method.GetGenericArguments().Select(Name))}>" : "";
        return $"{receiver}.{method.Name}{generic}({list})";
    }
}
