// Whether null is allowed, by the annotations of the API.

using System.Collections.Concurrent;
using System.Reflection;

namespace TorchScratch.Fuzz.Api;

internal static class Nullability
{
    private static readonly ConcurrentDictionary<object, bool> Known = new();

    public static bool IsNullable(ParameterInfo parameter) => Known.GetOrAdd(parameter, static key =>
        new NullabilityInfoContext().Create((ParameterInfo)key).WriteState == NullabilityState.Nullable);

    public static bool IsNullable(PropertyInfo property) => Known.GetOrAdd(property, static key =>
        new NullabilityInfoContext().Create((PropertyInfo)key).WriteState == NullabilityState.Nullable);
}
