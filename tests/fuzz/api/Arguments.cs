// Arguments by the type and the name of a parameter: plausible ones, and wild ones.

using System.Linq.Expressions;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace TorchScratch.Fuzz.Api;

internal sealed class Arguments(Random random, Tensors tensors)
{
    private const int MaxDepth = 4;

    private static readonly long[] WildIntegers =
    [
        0, -1, -2, 1, 2, 3, 7, 16, 64, 1000, int.MaxValue, int.MinValue, 1L << 31, 1L << 32, 1L << 40, long.MaxValue,
        long.MinValue, long.MaxValue / 2, -100,
    ];

    private static readonly double[] WildNumbers =
    [
        0, -0.0, 1, -1, 0.5, 2, 1e-5, 1e-320, 1e300, -1e300, double.NaN, double.PositiveInfinity, double.NegativeInfinity,
        300, -129, 1.5, long.MaxValue, 65504, 70000,
    ];

    private static readonly string[] Texts =
    [
        "", "a", "weight", "i,j->ij", "ij,jk->ik", "...i,i", "ii", "->", "ij->", "a,b,c", "i.j", "0", "\0", "x\ny", "é",
        "layer.0", "..", "file", "folder/file", new('a', 5000), "tanh", "relu", "{}", "[", "1e999",
    ];

    private static readonly Type[] ElementTypes =
    [
        typeof(float), typeof(double), typeof(long), typeof(int), typeof(short), typeof(sbyte), typeof(byte),
        typeof(bool), typeof(Half), typeof(BFloat16), typeof(char), typeof(Guid), typeof(decimal),
    ];

    /// <summary>A method with type arguments, if it needs some.</summary>
    public MethodBase Close(MethodBase method)
    {
        if (method is not MethodInfo { IsGenericMethodDefinition: true } open)
            return method;
        for (var attempt = 0; attempt < 20; attempt++)
        {
            try
            {
                return open.MakeGenericMethod([.. open.GetGenericArguments().Select(parameter =>
                    parameter.GenericParameterAttributes.HasFlag(GenericParameterAttributes.NotNullableValueTypeConstraint)
                        ? ElementTypes[random.Next(random.Next(4) == 0 ? ElementTypes.Length : 2)]
                        : AnyType(parameter))]);
            }
            catch (ArgumentException)
            {
                // A constraint: another one.
            }
        }
        throw new NoArgumentException($"no type arguments for {open.Name}");
    }

    /// <summary>Arguments for all parameters of a method.</summary>
    public Argument[] For(MethodBase method, bool canBeWild) => [.. method.GetParameters().Select(parameter =>
        For(parameter, canBeWild && random.Next(4) == 0, 0))];

    /// <summary>An object on which to call a method.</summary>
    public Argument Target(Type type) => Make(type, "self", false, 0, false);

    private Argument For(ParameterInfo parameter, bool isWild, int depth)
    {
        if (!isWild && parameter.HasDefaultValue && random.Next(2) == 0)
        {
            var given = parameter.DefaultValue;
            var type = Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType;
            if (given is not null && type.IsEnum)
                given = Enum.ToObject(type, given);
            if (given is not null || !parameter.ParameterType.IsValueType)
                return Argument.Of(given);
            if (parameter.ParameterType == typeof(IntList))
                return new("default", () => null);
            if (!parameter.ParameterType.IsByRefLike)
                return new("default", () => RuntimeHelpers.GetUninitializedObject(parameter.ParameterType) is var zero &&
                    Nullable.GetUnderlyingType(parameter.ParameterType) is null ? zero : null);
        }
        var canBeNull = isWild || Nullability.IsNullable(parameter);
        return Make(Invoker.TypeOf(parameter), parameter.Name ?? "", isWild, depth, canBeNull);
    }

    private Argument Make(Type type, string name, bool isWild, int depth, bool canBeNull)
    {
        if (!type.IsValueType && canBeNull && random.Next(isWild ? 5 : 3) == 0)
            return Argument.Of(null);
        if (Nullable.GetUnderlyingType(type) is { } underlying)
            return random.Next(3) == 0 ? Argument.Of(null) : Make(underlying, name, isWild, depth, false);
        if (type == typeof(Tensor))
            return tensors.Make(name, isWild);
        if (type.IsEnum)
            return EnumMember(type, isWild);
        if (Simple(type, name, isWild) is { } simple)
            return simple;
        if (type.IsArray)
            return List(type, type.GetElementType()!, name, isWild, depth);
        if (typeof(Delegate).IsAssignableFrom(type))
            return Callback(type, depth);
        if (type.IsGenericType && ListType(type) is { } element)
            return List(type, element, name, isWild, depth);
        if (type.IsGenericType && Pair(type) is { } dictionary)
            return Dictionary(dictionary.Key, dictionary.Value, name, isWild, depth);
        if (typeof(ITuple).IsAssignableFrom(type) && type.IsGenericType)
            return Construct(type.GetConstructors()[^1], isWild, depth);
        if (type == typeof(object))
            return Argument.Of(random.Next(3) switch { 0 => 3, 1 => "text", _ => 1.5 });
        if (type == typeof(CancellationToken))
        {
            return isWild && random.Next(2) == 0 ? new("new CancellationToken(true)", () => new CancellationToken(true))
                : new("default", () => default(CancellationToken));
        }
        return FromType(type, isWild, depth);
    }

    private Argument? Simple(Type type, string name, bool isWild)
    {
        if (type == typeof(long[]))
            return Sizes(name, isWild);
        if (type == typeof(Scalar))
            return Scalar(isWild);
        if (type == typeof(TensorIndex))
            return Index(isWild);
        if (type == typeof(bool))
            return Argument.Of(random.Next(2) == 0);
        if (type == typeof(string))
            return Argument.Of(isWild || name.Contains("equation", StringComparison.Ordinal) ? Texts[random.Next(Texts.Length)]
                : $"name{random.Next(3)}");
        if (type == typeof(double))
            return Argument.Of(Number(isWild));
        if (type == typeof(float))
            return Argument.Of((float)Number(isWild));
        if (type == typeof(Half))
            return new($"(Half){Number(isWild)}", () => (Half)1.5);
        if (type == typeof(BFloat16))
            return new("(BFloat16)1.5f", () => (BFloat16)1.5f);
        if (type == typeof(char))
            return Argument.Of(isWild ? (char)random.Next(65536) : ';');
        if (type == typeof(Index))
            return new("^1", () => ^1);
        if (type == typeof(Range))
            return new("1..", () => 1..);
        if (type == typeof(TimeSpan))
            return new("TimeSpan.Zero", () => TimeSpan.Zero);
        if (type == typeof(long))
            return Argument.Of(Integer(name, isWild));
        if (type == typeof(int) || type == typeof(byte) || type == typeof(ulong) || type == typeof(uint) ||
            type == typeof(short) || type == typeof(sbyte))
        {
            var value = Integer(name, isWild);
            object boxed = type == typeof(int) ? (int)Math.Clamp(value, int.MinValue, int.MaxValue)
                : type == typeof(byte) ? (byte)value : type == typeof(ulong) ? (ulong)value
                : type == typeof(uint) ? (uint)value : type == typeof(short) ? (object)(short)value : (sbyte)value;
            return Argument.Of(boxed);
        }
        return null;
    }

    private long Integer(string name, bool isWild)
    {
        if (isWild)
            return WildIntegers[random.Next(WildIntegers.Length)];
        if (name.Contains("dim", StringComparison.OrdinalIgnoreCase) && tensors.Rank > 0)
            return random.Next(-tensors.Rank, tensors.Rank);
        return random.Next(6) == 0 ? Math.Min(tensors.Size(), 64) : random.Next(5);
    }

    private double Number(bool isWild) => isWild ? WildNumbers[random.Next(WildNumbers.Length)]
        : random.Next(4) switch { 0 => 0, 1 => 1, 2 => 1e-3, _ => Math.Round(random.NextDouble(), 3) };

    private Argument Sizes(string name, bool isWild)
    {
        if (random.Next(3) == 0 && !isWild)
        {
            var shape = tensors.Shape();
            return new(CSharp.Literal(null) is var _ && shape.Length == 0 ? "[]"
                : $"[{string.Join(", ", shape.Select(size => CSharp.Literal(size)))}]", () => shape);
        }
        var values = new long[isWild && random.Next(8) == 0 ? 20 : random.Next(4)];
        for (var i = 0; i < values.Length; i++)
            values[i] = Integer(name, isWild && random.Next(2) == 0);
        return new($"[{string.Join(", ", values.Select(value => CSharp.Literal(value)))}]", () => values);
    }

    private Argument Scalar(bool isWild)
    {
        switch (random.Next(3))
        {
            case 0:
                var integer = Integer("", isWild);
                return new(CSharp.Literal(integer), () => (Scalar)integer);
            case 1 when isWild:
                return new("true", () => (Scalar)true);
            default:
                var number = Number(isWild);
                return new(CSharp.Literal(number), () => (Scalar)number);
        }
    }

    private Argument Index(bool isWild)
    {
        switch (random.Next(6))
        {
            case 0:
                return new("TensorIndex.Ellipsis", () => TensorIndex.Ellipsis);
            case 1:
                return new("TensorIndex.NewAxis", () => TensorIndex.NewAxis);
            case 2 or 3:
                var (start, stop, step) = (Bound(), Bound(), Integer("", isWild));
                return new($"TensorIndex.Slice({CSharp.Literal(start)}, {CSharp.Literal(stop)}, {CSharp.Literal(step)})",
                    () => TensorIndex.Slice(start, stop, step));
            case 4:
                var tensor = tensors.Make(random.Next(2) == 0 ? "index" : "mask", isWild);
                return new(tensor.Text, () => (TensorIndex)(Tensor?)tensor.Make());
            default:
                var at = Integer("", isWild);
                return new(CSharp.Literal(at), () => (TensorIndex)at);
        }

        long? Bound() => random.Next(3) == 0 ? null : Integer("", isWild);
    }

    private Argument EnumMember(Type type, bool isWild)
    {
        var values = Enum.GetValues(type);
        var wild = new[] { -1, values.Length, 99, int.MaxValue, int.MinValue };
        return Argument.Of(isWild ? Enum.ToObject(type, wild[random.Next(wild.Length)])
            : values.GetValue(random.Next(values.Length)));
    }

    private Argument List(Type type, Type element, string name, bool isWild, int depth)
    {
        if (type.IsArray && type.GetArrayRank() > 1)
        {
            var sizes = Enumerable.Range(0, type.GetArrayRank()).Select(_ => random.Next(4)).ToArray();
            return new($"new {CSharp.Name(element)}[{string.Join(", ", sizes)}]", () => Array.CreateInstance(element, sizes));
        }
        var items = new Argument[isWild && random.Next(3) == 0 ? 0 : random.Next(1, 4)];
        for (var i = 0; i < items.Length; i++)
            items[i] = Make(element, name, isWild && random.Next(3) == 0, depth + 1, isWild && random.Next(4) == 0);
        return new($"new {CSharp.Name(element)}[] {{ {string.Join(", ", items.Select(item => item.Text))} }}", () =>
        {
            var array = Array.CreateInstance(element, items.Length);
            for (var i = 0; i < items.Length; i++)
                array.SetValue(items[i].Make(), i);
            return array;
        });
    }

    private Argument Dictionary(Type key, Type value, string name, bool isWild, int depth)
    {
        var entries = Enumerable.Range(0, random.Next(3)).Select(i => (Key: Argument.Of($"name{i}"),
            Value: Make(value, name, isWild, depth + 1, isWild))).ToArray();
        if (key != typeof(string))
            throw new NoArgumentException($"no dictionary by {key}");
        var type = typeof(Dictionary<,>).MakeGenericType(key, value);
        return new($"new() {{ {string.Join(", ", entries.Select(entry => $"[{entry.Key.Text}] = {entry.Value.Text}"))} }}", () =>
        {
            var dictionary = (System.Collections.IDictionary)Activator.CreateInstance(type)!;
            foreach (var entry in entries)
                dictionary[entry.Key.Make()!] = entry.Value.Make();
            return dictionary;
        });
    }

    // Gives back its first argument that fits, or makes what it must return; some throw.
    private Argument Callback(Type type, int depth)
    {
        var invoke = type.GetMethod("Invoke")!;
        var parameters = invoke.GetParameters();
        if (parameters.Any(parameter => parameter.ParameterType.IsByRefLike || parameter.ParameterType.IsByRef))
            throw new NoArgumentException($"no callback with the parameters of {type}");
        var inputs = parameters.Select(parameter => Expression.Parameter(parameter.ParameterType, parameter.Name)).ToArray();
        var result = invoke.ReturnType;
        if (random.Next(10) == 0)
        {
            var fail = Expression.Throw(Expression.New(typeof(CallbackFailure)), result);
            return new("... => throw", () => Expression.Lambda(type, fail, inputs).Compile());
        }
        if (result == typeof(void))
            return new("... => { }", () => Expression.Lambda(type, Expression.Empty(), inputs).Compile());
        if (Array.Find(inputs, input => result.IsAssignableFrom(input.Type)) is { } same && random.Next(3) != 0)
        {
            // A function of its input, so that there is something to differentiate.
            Expression body = result == typeof(Tensor) && random.Next(2) == 0
                ? Expression.Call(same, typeof(Tensor).GetMethod("Exp", Type.EmptyTypes)!) : same;
            return new($"{string.Join(", ", inputs.Select(input => input.Name))} => {body}",
                () => Expression.Lambda(type, body, inputs).Compile());
        }
        var made = Make(result, "result", false, depth + 1, random.Next(4) == 0);
        var call = Expression.Convert(Expression.Invoke(Expression.Constant(made.Make)), result);
        return new($"... => {made.Text}", () => Expression.Lambda(type, call, inputs).Compile());
    }

    // By a public constructor, factory or property of the type or of one that derives from it.
    private Argument FromType(Type type, bool isWild, int depth)
    {
        if (depth >= MaxDepth)
            throw new NoArgumentException($"{type} is nested too deeply");
        if (type.IsValueType && random.Next(3) == 0)
            return new($"default({CSharp.Name(type)})", () => RuntimeHelpers.GetUninitializedObject(type));
        if (Objects.Ways(type) is not { Count: > 0 } ways)
        {
            return type.IsValueType ? new($"default({CSharp.Name(type)})", () => RuntimeHelpers.GetUninitializedObject(type))
                : throw new NoArgumentException($"no way to make a {type}");
        }
        return Construct(ways[random.Next(ways.Count)], isWild, depth);
    }

    private Argument Construct(MethodBase way, bool isWild, int depth)
    {
        var parts = way.GetParameters().Select(parameter => For(parameter, isWild && random.Next(4) == 0, depth + 1)).ToArray();
        var settings = way.IsConstructor ? Settings(way.DeclaringType!, isWild, depth) : [];
        var text = CSharp.Call(way, "", [.. parts.Select(part => part.Text)]);
        if (settings.Length > 0)
            text += $" {{ {string.Join(", ", settings.Select(entry => $"{entry.Property.Name} = {entry.Value.Text}"))} }}";
        return new(text, () =>
        {
            var values = Array.ConvertAll(parts, part => part.Make());
            var set = Array.ConvertAll(settings, entry => (entry.Property, Value: entry.Value.Make()));
            try
            {
                var made = Invoker.Invoke(way, null, values) ?? throw new NoArgumentException($"{text} is null");
                foreach (var (property, value) in set)
                    Invoker.Invoke(property.SetMethod!, made, [value]);
                return made;
            }
            catch (Exception exception) when (exception is not NoArgumentException)
            {
                throw new NoArgumentException($"{text}: {exception.Message}", exception);
            }
        });
    }

    // Properties that are set with the constructor: those that must be, and some of the others.
    private (PropertyInfo Property, Argument Value)[] Settings(Type type, bool isWild, int depth) =>
    [
        .. type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.SetMethod is { IsPublic: true } && property.GetIndexParameters().Length == 0 &&
                property.DeclaringType!.Assembly != typeof(object).Assembly && !property.PropertyType.IsByRefLike)
            .Where(property => property.IsDefined(typeof(RequiredMemberAttribute)) || random.Next(4) == 0)
            .Select(property => (property, Make(property.PropertyType, property.Name, isWild && random.Next(3) == 0,
                depth + 1, Nullability.IsNullable(property)))),
    ];

    private Type AnyType(Type parameter)
    {
        var constraints = parameter.GetGenericParameterConstraints();
        if (constraints.Length > 0)
        {
            var fitting = Members.Types.Where(type => constraints.All(constraint => constraint.IsAssignableFrom(type)) &&
                !type.IsAbstract).ToArray();
            if (fitting.Length > 0)
                return fitting[random.Next(fitting.Length)];
        }
        return typeof(Tensor);
    }

    private static Type? ListType(Type type)
    {
        var open = type.GetGenericTypeDefinition();
        return open == typeof(IReadOnlyList<>) || open == typeof(IEnumerable<>) || open == typeof(IReadOnlyCollection<>) ||
            open == typeof(IList<>) || open == typeof(ICollection<>) ? type.GetGenericArguments()[0] : null;
    }

    private static (Type Key, Type Value)? Pair(Type type)
    {
        var open = type.GetGenericTypeDefinition();
        return open == typeof(IReadOnlyDictionary<,>) || open == typeof(IDictionary<,>) || open == typeof(Dictionary<,>)
            ? (type.GetGenericArguments()[0], type.GetGenericArguments()[1]) : null;
    }
}
