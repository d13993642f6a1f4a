// Calls a module of any class with the tensors of a fixture.

using System.Reflection;
using System.Runtime.CompilerServices;
using Module = TorchScratch.NN.Module;

namespace TorchScratch.Conformance.Training;

internal static class ModuleCall
{
    /// <summary>Calls a module. Outputs are flattened, and null outputs are left out.</summary>
    /// <exception cref="UnsupportedException">No Call method takes this many tensors.</exception>
    public static Tensor[] Invoke(Module module, Tensor[] inputs)
    {
        var calls = module.GetType().GetMethods(BindingFlags.Public | BindingFlags.Instance)
            .Where(method => method.Name == "Call").OrderBy(method => method.GetParameters().Length);
        foreach (var call in calls)
        {
            if (Arguments(call.GetParameters(), inputs) is not { } arguments)
                continue;
            try
            {
                return [.. Flattened(call.Invoke(module, arguments))];
            }
            catch (TargetInvocationException exception)
            {
                throw exception.InnerException!;
            }
        }
        throw new UnsupportedException($"{module.GetType().Name}.Call does not take {inputs.Length} tensors");
    }

    // Tensors come first, in order, also inside tuples; all other parameters must be optional.
    private static object?[]? Arguments(ParameterInfo[] parameters, Tensor[] inputs)
    {
        var arguments = new object?[parameters.Length];
        var taken = 0;
        for (var i = 0; i < parameters.Length; i++)
        {
            var type = Nullable.GetUnderlyingType(parameters[i].ParameterType) ?? parameters[i].ParameterType;
            var isTuple = typeof(ITuple).IsAssignableFrom(type);
            var count = isTuple ? type.GetGenericArguments().Length : 1;
            if (taken + count <= inputs.Length && (isTuple || type == typeof(Tensor)))
            {
                arguments[i] = isTuple ? Activator.CreateInstance(type, inputs[taken..(taken + count)].Cast<object>().ToArray()) : inputs[taken];
                taken += count;
            }
            else if (parameters[i].HasDefaultValue)
                arguments[i] = parameters[i].DefaultValue;
            else
                return null;
        }
        return taken == inputs.Length ? arguments : null;
    }

    private static IEnumerable<Tensor> Flattened(object? result) => result switch
    {
        null => [],
        Tensor tensor => [tensor],
        ITuple tuple => Enumerable.Range(0, tuple.Length).SelectMany(i => Flattened(tuple[i])),
        _ => throw new InvalidDataException($"an output cannot be a {result.GetType().Name}"),
    };
}
