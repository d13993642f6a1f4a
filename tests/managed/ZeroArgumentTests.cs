// The literal 0 converts to every enum. Where a method takes an enum and another of its name a number, 0 is the number.

using System.Reflection;
using System.Runtime.CompilerServices;

namespace TorchScratch.Tests;

public class ZeroArgumentTests
{
    [Fact]
    public void ZeroIsANumberWhereOneIsTaken()
    {
        var methods = typeof(Tensor).Assembly.GetExportedTypes().SelectMany(type => type.GetMembers(BindingFlags.Public |
            BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly)).OfType<MethodBase>()
            .Where(method => !method.IsSpecialName || method is ConstructorInfo)
            .GroupBy(method => (method.DeclaringType, method.Name, method.IsStatic));
        var (compared, wrong) = (0, new List<string>());
        foreach (var group in methods)
        {
            foreach (var (method, other) in from method in @group from other in @group select (method, other))
            {
                if (!Competes(method, other))
                    continue;
                compared++;
                if (Priority(method) >= Priority(other))
                    wrong.Add($"{method.DeclaringType}: {method} and {other}");
            }
        }
        Assert.True(compared > 0);
        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
    }

    // Whether a method takes an enum where another takes a number, by position or by name, and 0 alone could be either.
    private static bool Competes(MethodBase method, MethodBase other)
    {
        var (first, second) = (method.GetParameters(), other.GetParameters());
        var same = first.Zip(second).TakeWhile(pair => pair.First.ParameterType == pair.Second.ParameterType).Count();
        var named = Array.FindIndex(second, parameter => first.Any(of => of.Name == parameter.Name &&
            of.ParameterType.IsEnum && IsNumber(parameter.ParameterType)));
        return same < first.Length && first[same].ParameterType.IsEnum &&
            (named >= 0 || (same < second.Length && IsNumber(second[same].ParameterType))) &&
            // Neither needs arguments that the other does not have.
            first.Skip(same + 1).All(parameter => parameter.IsOptional) &&
            second.Skip(same).All(parameter => parameter.IsOptional || parameter == second.ElementAtOrDefault(same));
    }

    // Not int, which is the type of 0 and preferred to every other.
    private static bool IsNumber(Type type)
    {
        var value = Nullable.GetUnderlyingType(type) ?? type;
        return value == typeof(long) || value == typeof(double) || value == typeof(float) ||
            value == typeof(ReadOnlySpan<long>) || value.GetMethods().Any(conversion =>
                conversion.Name == "op_Implicit" && conversion.ReturnType == value &&
                conversion.GetParameters()[0].ParameterType == typeof(int));
    }

    private static int Priority(MethodBase method) =>
        method.GetCustomAttribute<OverloadResolutionPriorityAttribute>()?.Priority ?? 0;
}
