// Ways to make an object of a public type: constructors, and static members that return it.

using System.Collections.Concurrent;
using System.Reflection;

namespace TorchScratch.Fuzz.Api;

internal static class Objects
{
    private static readonly ConcurrentDictionary<Type, IReadOnlyList<MethodBase>> Known = new();

    /// <summary>All ways, in an order that depends on nothing but the API.</summary>
    public static IReadOnlyList<MethodBase> Ways(Type type) => Known.GetOrAdd(type, Find);

    private static List<MethodBase> Find(Type type) =>
    [
        .. Members.All.Where(member => member.LeftOut is null && !member.Method.IsGenericMethodDefinition &&
            (member.Method.IsConstructor
                ? type.IsAssignableFrom(member.Method.DeclaringType)
                : member.Method is MethodInfo { IsStatic: true } method && method.ReturnType != typeof(object) &&
                    method.DeclaringType == method.ReturnType && type.IsAssignableFrom(method.ReturnType) &&
                    !method.Name.StartsWith("op_", StringComparison.Ordinal)))
            .Select(member => member.Method),
    ];
}
