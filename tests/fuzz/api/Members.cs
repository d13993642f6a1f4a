// The public members of the assemblies.

using System.Reflection;
using System.Runtime.CompilerServices;
using TorchScratch.Data;
using TorchScratch.Images;
using TorchScratch.Training;

namespace TorchScratch.Fuzz.Api;

/// <summary>A method, constructor or accessor that can be called.</summary>
/// <param name="Method">The method; of a closed type, but possibly with type parameters of its own.</param>
/// <param name="Name">Its name with the types of the parameters, which is unique.</param>
/// <param name="LeftOut">Why it is not called; null if it is.</param>
internal sealed record Member(MethodBase Method, string Name, string? LeftOut);

internal static class Members
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static |
        BindingFlags.DeclaredOnly;

    // By the beginning of the name.
    private static readonly (string Name, string Reason)[] Exceptions =
    [
        ("Runtime.set_MemoryLimit", "the fuzzer sets it"),
        ("Runtime.set_NumThreads", "the fuzzer sets it"),
        ("MnistDownload.", "it uses the network"),
        ("TinyShakespeareDownload.", "it uses the network"),
        ("Plugin.Load", "it runs the code of a file"),
        ("Tensor.FromMemory(nint", "the pointer is the caller's promise"),
        ("Tensor.op_Explicit", "the text could not say which one"),
    ];

    /// <summary>The assemblies that are fuzzed.</summary>
    public static readonly Assembly[] Assemblies =
        [typeof(Tensor).Assembly, typeof(Trainer).Assembly, typeof(ImageFolder).Assembly];

    /// <summary>All public types, those with parameters closed over the types that users give.</summary>
    public static readonly IReadOnlyList<Type> Types = [.. Assemblies.SelectMany(assembly => assembly.GetExportedTypes())
        .OrderBy(type => type.FullName, StringComparer.Ordinal).Select(Close).OfType<Type>()];

    public static readonly IReadOnlyList<Member> All = [.. Types.SelectMany(Of)
        .OrderBy(member => member.Name, StringComparer.Ordinal)];

    private static IEnumerable<Member> Of(Type type)
    {
        if (type.IsEnum || type.IsInterface || typeof(Delegate).IsAssignableFrom(type) ||
            typeof(Attribute).IsAssignableFrom(type) || typeof(Exception).IsAssignableFrom(type) ||
            // What the compiler writes for extension members, which are methods of the type around it.
            type.Name.StartsWith('<'))
        {
            yield break;
        }
        foreach (var constructor in type.GetConstructors(Declared & ~BindingFlags.Static))
        {
            if (!type.IsAbstract)
                yield return Make(constructor);
        }
        foreach (var method in type.GetMethods(Declared))
        {
            // What the compiler writes for records is not the library's.
            if (method.IsDefined(typeof(CompilerGeneratedAttribute)) && !method.IsSpecialName)
                continue;
            yield return Make(method);
        }
    }

    private static Member Make(MethodBase method)
    {
        var name = $"{CSharp.Name(method.DeclaringType!)}.{method.Name}" +
            $"({string.Join(", ", method.GetParameters().Select(parameter => CSharp.Name(parameter.ParameterType)))})";
        var reason = Array.Find(Exceptions, entry => name.StartsWith(entry.Name, StringComparison.Ordinal)).Reason;
        reason ??= method is MethodInfo { ReturnParameter: var result } &&
            result.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) ? "it can only be set at once" : null;
        reason ??= Invoker.WhyNot(method);
        return new(method, name, reason);
    }

    private static Type? Close(Type type)
    {
        if (!type.IsGenericTypeDefinition)
            return type;
        var arguments = type.GetGenericArguments().Select(parameter =>
        {
            var constraints = parameter.GetGenericParameterConstraints();
            return constraints.FirstOrDefault(constraint => typeof(NN.Module).IsAssignableFrom(constraint)) is { } module
                ? module
                : parameter.Name is "TBatch" ? typeof(Batch) : parameter.Name is "TSample" ? typeof((Tensor, Tensor))
                : typeof(Tensor);
        });
        try
        {
            return type.MakeGenericType([.. arguments]);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }
}
