// Calls public constructors with arguments given under PyTorch's names.

using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using TorchScratch.Conformance.Fixtures;
using TorchScratch.NN;

namespace TorchScratch.Conformance.Training;

internal static class Construction
{
    // Names that differ by more than their case. Optimizers spell abbreviations out, as .NET does.
    private static readonly Dictionary<string, string> Aliases = new(StringComparer.Ordinal)
    {
        ["lr"] = "learningRate",
        ["eps"] = "epsilon",
        ["lr_decay"] = "learningRateDecay",
    };

    private static readonly Dictionary<string, string> EnumWords = new(StringComparer.Ordinal)
    {
        ["cos"] = "Cosine",
        ["rel"] = "Relative",
        ["abs"] = "Absolute",
        ["exp_range"] = "ExponentialRange",
    };

    // Options that need no argument here, with the values for which that is so.
    private static readonly Dictionary<string, Predicate<object?>> Needless = new(StringComparer.Ordinal)
    {
        ["inplace"] = _ => true,  // the results are the same
        ["foreach"] = _ => true,
        ["fused"] = _ => true,
        ["capturable"] = value => value is false,
        ["differentiable"] = value => value is false,
        ["verbose"] = _ => true,
        ["device"] = value => value is null or "cpu",
        ["last_epoch"] = value => value is -1L,
        ["size_average"] = value => value is null,
        ["reduce"] = value => value is null,
    };

    /// <summary>Creates an object.</summary>
    /// <param name="type">The class.</param>
    /// <param name="leading">C# arguments that precede those of the fixture.</param>
    /// <param name="positional">The positional arguments of the fixture.</param>
    /// <param name="options">Its keyword arguments, by PyTorch's names.</param>
    /// <exception cref="UnsupportedException">No constructor takes these arguments.</exception>
    public static object Make(Type type, object?[] leading, object?[] positional, IReadOnlyDictionary<string, object?> options)
    {
        var named = Split(options);
        var reason = $"{type.Name} has no public constructor";
        foreach (var constructor in type.GetConstructors())
        {
            if (Bind(constructor.GetParameters(), [.. leading, .. positional], leading.Length, named, out var arguments, ref reason))
            {
                try
                {
                    return constructor.Invoke(arguments);
                }
                catch (TargetInvocationException exception)
                {
                    throw exception.InnerException!;
                }
            }
        }
        throw new UnsupportedException(reason);
    }

    /// <summary>kernel_size becomes kernelSize.</summary>
    public static string CamelCase(string name)
    {
        var words = name.Split('_', StringSplitOptions.RemoveEmptyEntries);
        return string.Concat(words.Select((word, i) => i == 0 ? word : char.ToUpperInvariant(word[0]) + word[1..]));
    }

    // Removes options that need no argument, and splits betas into beta1 and beta2.
    private static Dictionary<string, object?> Split(IReadOnlyDictionary<string, object?> options)
    {
        var named = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var (name, value) in options)
        {
            if (name == "betas" && value is object?[] betas)
                (named["beta1"], named["beta2"]) = (betas[0], betas[1]);
            else if (!(Needless.TryGetValue(name, out var isNeedless) && isNeedless(value)))
                named.Add(name, value);
        }
        // The length of a cycle may be given as epochs and steps per epoch.
        if (named.Remove("epochs", out var epochs) && named.Remove("steps_per_epoch", out var batches) &&
            named.GetValueOrDefault("total_steps") is null)
        {
            named["total_steps"] = (long)epochs! * (long)batches!;
        }
        return named;
    }

    private static bool Bind(ParameterInfo[] parameters, object?[] positional, int leading,
        Dictionary<string, object?> options, out object?[] arguments, ref string reason)
    {
        arguments = new object?[parameters.Length];
        if (positional.Length > parameters.Length)
        {
            reason = $"no constructor takes {positional.Length - leading} positional arguments";
            return false;
        }
        var left = new Dictionary<string, object?>(options, StringComparer.Ordinal);
        for (var i = 0; i < parameters.Length; i++)
        {
            var parameter = parameters[i];
            var option = left.Keys.FirstOrDefault(name => IsNameOf(name, parameter.Name!));
            if (i < leading)
            {
                if (!parameter.ParameterType.IsInstanceOfType(positional[i]))
                    return false;
                arguments[i] = positional[i];
                continue;
            }
            object? value;
            if (i < positional.Length)
                value = positional[i];
            else if (option is not null)
                left.Remove(option, out value);
            else if (parameter.HasDefaultValue)
            {
                arguments[i] = parameter.DefaultValue;
                continue;
            }
            else
            {
                reason = $"{parameter.Member.DeclaringType!.Name}: {parameter.Name} is not given";
                return false;
            }
            if (!Convert(value, parameter, out arguments[i]))
            {
                reason = $"{parameter.Member.DeclaringType!.Name}: {parameter.Name} does not take {value ?? "None"}";
                return false;
            }
        }
        if (left.Count == 0)
            return true;
        reason = $"{parameters.FirstOrDefault()?.Member.DeclaringType!.Name}: no constructor takes {string.Join(", ", left.Keys)}";
        return false;
    }

    // Ignoring case, because max_lr is maxLR and T_max is tMax.
    private static bool IsNameOf(string option, string parameter) =>
        CamelCase(option).Equals(parameter, StringComparison.OrdinalIgnoreCase) ||
        Aliases.GetValueOrDefault(option) == parameter;

    private static bool Convert(object? value, ParameterInfo parameter, [NotNullWhen(true)] out object? converted)
    {
        converted = null!;
        var type = Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType;
        if (value is null)
        {
            return type != parameter.ParameterType || !type.IsValueType &&
                new NullabilityInfoContext().Create(parameter).WriteState != NullabilityState.NotNull;
        }
        converted = value switch
        {
            long number when type == typeof(int) => checked((int)number),
            long number when type == typeof(double) => (double)number,
            long number when type == typeof(Size2d) => (Size2d)(int)number,
            long number when type == typeof(Size3d) => (Size3d)(int)number,
            // None in a size means the size of the input, which is -1 here.
            object?[] and [long or null, long or null] pair when type == typeof(Size2d) => new Size2d(Size(pair[0]), Size(pair[1])),
            object?[] and [long or null, long or null, long or null] triple when type == typeof(Size3d) =>
                new Size3d(Size(triple[0]), Size(triple[1]), Size(triple[2])),
            object?[] list when IsTupleOfInts(type, list.Length) && Array.TrueForAll(list, item => item is long) =>
                Activator.CreateInstance(type, Array.ConvertAll(list, item => (object)Size(item))),
            object?[] and [long only] when type == typeof(int) => (int)only,
            long number when type == typeof(long[]) => new[] { number },
            object?[] list when type == typeof(int?[]) => Array.ConvertAll(list, item => (int?)(long?)item),
            long number when type == typeof(int?[]) => new int?[] { (int)number },
            object?[] list when type.IsAssignableFrom(typeof(long[])) && Array.TrueForAll(list, item => item is long) =>
                Array.ConvertAll(list, item => (long)item!),
            object?[] list when type.IsAssignableFrom(typeof(double[])) => Array.ConvertAll(list, Number),
            double or long when type.IsAssignableFrom(typeof(double[])) => new[] { Number(value) },
            string text when type.IsEnum =>
                Enum.TryParse(type, EnumWords.GetValueOrDefault(text, text.Replace("_", "", StringComparison.Ordinal)), true, out var word) ? word : null,
            DTypeArgument dtype when type == typeof(DType) => Enum.TryParse<DType>(dtype.Name, true, out var known) ? known : null,
            _ => type.IsInstanceOfType(value) ? value : null,
        };
        return converted is not null;

        static int Size(object? number) => number is long size ? checked((int)size) : -1;

        static bool IsTupleOfInts(Type type, int length) => type.FullName!.StartsWith("System.ValueTuple`", StringComparison.Ordinal) &&
            type.GetGenericArguments() is var items && items.Length == length && Array.TrueForAll(items, item => item == typeof(int));

        static double Number(object? number) => System.Convert.ToDouble(number, CultureInfo.InvariantCulture);
    }
}
