// Every public method, constructor and setter refuses null where its parameter does not allow it, with an
// ArgumentNullException that names the parameter, before anything else happens. The members are found by reflection, and
// called with null for one parameter and with simple values for the others.

using System.Collections;
using System.Linq.Expressions;
using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using TorchScratch.NN;

namespace TorchScratch.Tests;

public class NullArgumentTests
{
    private static readonly Assembly[] Assemblies =
        [typeof(Tensor).Assembly, typeof(TorchScratch.Training.Trainer).Assembly, typeof(TorchScratch.Images.ImageFolder).Assembly];

    private delegate object? Invoker(object?[] arguments);

    [Fact]
    public void EveryParameterThatDoesNotAllowNullIsNamed()
    {
        var wrong = new List<string>();
        var (tested, untested) = (0, new List<string>());
        foreach (var member in Members())
        {
            foreach (var parameter in member.GetParameters().Where(IsRequired))
            {
                using var scope = Tensor.Scope();
                if (Arguments(member, parameter) is not { } arguments)
                {
                    untested.Add(Name(member, parameter));
                    continue;
                }
                tested++;
                if (Complaint(member, parameter, arguments) is { } complaint)
                    wrong.Add($"{Name(member, parameter)}: {complaint}");
                foreach (var argument in arguments)
                    (argument as IDisposable)?.Dispose();
            }
        }
        Assert.True(wrong.Count == 0, $"{wrong.Count} of {tested}:\n{string.Join('\n', wrong)}");
        // A parameter is left out only if no value for the others is found.
        Assert.True(untested.Count * 20 < tested, $"not tested:\n{string.Join('\n', untested)}");
    }

    // Entries of lists are looked at too: whatever is thrown, it is not the runtime's own complaint.
    [Fact]
    public void ListsOfNullAreRefused()
    {
        var wrong = new List<string>();
        var tested = 0;
        foreach (var member in Members())
        {
            foreach (var parameter in member.GetParameters().Where(p => IsRequired(p) && HoldsObjects(p)))
            {
                using var scope = Tensor.Scope();
                if (Arguments(member, parameter) is not { } arguments)
                    continue;
                var type = parameter.ParameterType;
                var element = type.IsArray ? type.GetElementType()! : type.GetGenericArguments()[0];
                arguments[parameter.Position + arguments.Length - member.GetParameters().Length] =
                    Array.CreateInstance(element, 1);
                tested++;
                try
                {
                    (Compile(member)(arguments) as IDisposable)?.Dispose();
                }
                catch (Exception e) when (e is ArgumentException or TorchScratchException)
                {
                }
                catch (Exception e)
                {
                    wrong.Add($"{Name(member, parameter).Replace("null", "[null]", StringComparison.Ordinal)}: " +
                        $"{e.GetType().Name}: {e.Message.Split('\n')[0]}");
                }
            }
        }
        Assert.True(wrong.Count == 0, $"{wrong.Count} of {tested}:\n{string.Join('\n', wrong)}");
        Assert.True(tested > 60, $"only {tested} lists were found");
    }

    // Whether it is a list or an array of objects, none of which may be null.
    private static bool HoldsObjects(ParameterInfo parameter)
    {
        var type = parameter.ParameterType;
        var element = type.IsArray ? type.GetElementType()
            : type.IsGenericType && type.GetGenericArguments() is [var only] && type.IsAssignableFrom(only.MakeArrayType())
                ? only : null;
        if (element is null || element.IsValueType || element.IsGenericParameter)
            return false;
        var info = new NullabilityInfoContext().Create(parameter);
        return (info.ElementType ?? info.GenericTypeArguments[0]).WriteState == NullabilityState.NotNull;
    }

    private static IEnumerable<MethodBase> Members() =>
        from assembly in Assemblies
        from type in assembly.GetExportedTypes()
        where !typeof(Delegate).IsAssignableFrom(type) && !typeof(Exception).IsAssignableFrom(type) && !typeof(Attribute).IsAssignableFrom(type) && !IsRecord(type)
        // What the compiler writes for extension blocks; their members are methods of the class around them too.
        where !type.Name.StartsWith('<')
        from member in type.GetMembers(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static |
            BindingFlags.DeclaredOnly).OfType<MethodBase>()
        where !member.IsAbstract || member is ConstructorInfo
        where !(member is ConstructorInfo && type.IsAbstract)
        where member.GetCustomAttribute<CompilerGeneratedAttribute>() is null || member.IsSpecialName
        // Written by the compiler for records, or the contract of object.
        where member.Name is not ("Equals" or "GetHashCode" or "ToString" or "PrintMembers" or "Deconstruct" or "<Clone>$"
            or "op_Equality" or "op_Inequality")
        // Reaches the network.
        where !member.Name.Contains("Download", StringComparison.Ordinal)
        select Closed(member);

    // A record holds what it is given; whoever reads it checks. Exceptions take null messages, as .NET's own do.
    private static bool IsRecord(Type type) => type.GetMethod("PrintMembers", BindingFlags.NonPublic | BindingFlags.Instance |
        BindingFlags.DeclaredOnly) is not null;

    private static MethodBase Closed(MethodBase member)
    {
        var type = member.DeclaringType!;
        if (type.IsGenericTypeDefinition)
        {
            if (Construct(type) is { } closed)
                member = MethodBase.GetMethodFromHandle(member.MethodHandle, closed.TypeHandle)!;
        }
        return member is MethodInfo { IsGenericMethodDefinition: true } method
            ? method.MakeGenericMethod([.. method.GetGenericArguments().Select(TypeArgument)])
            : member;
    }

    private static Type? Construct(Type definition) =>
        definition.MakeGenericType([.. definition.GetGenericArguments().Select(TypeArgument)]);

    private static Type TypeArgument(Type parameter) =>
        parameter.GenericParameterAttributes.HasFlag(GenericParameterAttributes.NotNullableValueTypeConstraint)
            ? typeof(float)
            : parameter.GetGenericParameterConstraints().FirstOrDefault() ?? typeof(Tensor);

    private static bool IsRequired(ParameterInfo parameter)
    {
        var type = parameter.ParameterType;
        if (type.IsByRef || type.IsValueType || type.IsPointer || type.IsGenericParameter)
            return false;
        // A parameter of an open type, such as T, allows what its argument allows.
        var origin = parameter.Member is MethodInfo { IsGenericMethod: true } method
            ? method.GetGenericMethodDefinition().GetParameters()[parameter.Position].ParameterType : type;
        return !origin.IsGenericParameter && !IsOfOpenType(parameter) &&
            new NullabilityInfoContext().Create(parameter).WriteState == NullabilityState.NotNull;
    }

    private static bool IsOfOpenType(ParameterInfo parameter)
    {
        var type = parameter.Member.DeclaringType!;
        if (!type.IsConstructedGenericType)
            return false;
        var open = MethodBase.GetMethodFromHandle(((MethodBase)parameter.Member).MethodHandle,
            type.GetGenericTypeDefinition().TypeHandle)!;
        return open.GetParameters()[parameter.Position].ParameterType.IsGenericParameter;
    }

    // The instance, if there is one, and the arguments; null if no value is known for one of them.
    private static object?[]? Arguments(MethodBase member, ParameterInfo missing)
    {
        var values = new List<object?>();
        if (!member.IsStatic && member is MethodInfo)
        {
            if (Sample(member.DeclaringType!, "", 0) is not { } self)
                return null;
            values.Add(self);
        }
        foreach (var parameter in member.GetParameters())
        {
            var value = parameter.Position == missing.Position ? null : Sample(Plain(parameter.ParameterType), parameter.Name!, 0);
            var mayBeNull = parameter.Position == missing.Position || !IsRequired(parameter);
            if (value is null && !mayBeNull && !Plain(parameter.ParameterType).IsByRefLike)
                return null;
            values.Add(value);
        }
        return [.. values];
    }

    private static Type Plain(Type type) => type.IsByRef ? type.GetElementType()! : type;

    private static string? Complaint(MethodBase member, ParameterInfo parameter, object?[] arguments)
    {
        try
        {
            var result = Compile(member)(arguments);
            if (result is Task task)
                task.GetAwaiter().GetResult();
            else if (result is IEnumerable lazy and not string && result.GetType().Name.Contains('<', StringComparison.Ordinal))
                lazy.GetEnumerator().MoveNext();
            // Such as the profiler, of which there is only one.
            (result as IDisposable)?.Dispose();
            return "null is accepted";
        }
        catch (ArgumentNullException e) when (e.ParamName == parameter.Name)
        {
            return null;
        }
        // A tensor may be left to the operator that it reaches, whose error names the operator and its argument.
        catch (ValueException e) when (e.Operator is not null && parameter.ParameterType == typeof(Tensor) &&
            e.Message.Contains("must be a tensor, but it is null", StringComparison.Ordinal))
        {
            return null;
        }
        catch (Exception e)
        {
            return $"{e.GetType().Name}{(e is ArgumentException { ParamName: { } name } ? $" of {name}" : "")}: " +
                e.Message.Split('\n')[0];
        }
    }

    private static string Name(MethodBase member, ParameterInfo parameter) =>
        $"{member.DeclaringType!.Name}.{member.Name}({string.Join(", ", member.GetParameters()
            .Select(p => p.Position == parameter.Position ? $"{p.Name}: null" : p.ParameterType.Name))})";

    // ---- Calls ----

    // Reflection cannot pass spans and other structs that live on the stack; compiled code passes their default.
    private static Invoker Compile(MethodBase member)
    {
        var call = new DynamicMethod("call", typeof(object), [typeof(object[])], typeof(NullArgumentTests).Module, true);
        var code = call.GetILGenerator();
        var at = 0;
        if (!member.IsStatic && member is MethodInfo)
        {
            Load(code, at++);
            var type = member.DeclaringType!;
            code.Emit(type.IsValueType ? OpCodes.Unbox : OpCodes.Castclass, type);
        }
        foreach (var parameter in member.GetParameters())
        {
            var type = Plain(parameter.ParameterType);
            var local = code.DeclareLocal(type);
            if (type.IsByRefLike || type.IsPointer)
            {
                code.Emit(OpCodes.Ldloca, local);
                code.Emit(OpCodes.Initobj, type);
            }
            else
            {
                Load(code, at);
                code.Emit(OpCodes.Unbox_Any, type);
                code.Emit(OpCodes.Stloc, local);
            }
            code.Emit(parameter.ParameterType.IsByRef ? OpCodes.Ldloca : OpCodes.Ldloc, local);
            at++;
        }
        var result = member is MethodInfo method ? method.ReturnType : member.DeclaringType!;
        if (member is ConstructorInfo constructor)
            code.Emit(OpCodes.Newobj, constructor);
        else
            code.Emit(member.IsStatic ? OpCodes.Call : OpCodes.Callvirt, (MethodInfo)member);
        if (result == typeof(void) || result.IsByRefLike || result.IsByRef || result.IsPointer)
        {
            if (result != typeof(void))
                code.Emit(OpCodes.Pop);
            code.Emit(OpCodes.Ldnull);
        }
        else
        {
            code.Emit(OpCodes.Box, result);
        }
        code.Emit(OpCodes.Ret);
        return call.CreateDelegate<Invoker>();
    }

    private static void Load(ILGenerator code, int index)
    {
        code.Emit(OpCodes.Ldarg_0);
        code.Emit(OpCodes.Ldc_I4, index);
        code.Emit(OpCodes.Ldelem_Ref);
    }

    // ---- Values ----

    // A value of the type, or null if none is known.
    private static object? Sample(Type type, string name, int depth)
    {
        if (depth > 4 || type.IsByRefLike || type.IsPointer)
            return null;
        if (type == typeof(string))
            return name.Contains("path", StringComparison.OrdinalIgnoreCase) || name.Contains("folder", StringComparison.OrdinalIgnoreCase)
                ? Path.Combine(Path.GetTempPath(), "no-such-folder", "x") : "x";
        if (type == typeof(Tensor))
            return Tensor.Ones((2, 2));
        if (Nullable.GetUnderlyingType(type) is not null)
            return null;
        if (type.IsPrimitive && type != typeof(bool))
            return type == typeof(nint) ? (nint)0 : Convert.ChangeType(1, type, System.Globalization.CultureInfo.InvariantCulture);
        if (type == typeof(Size2d))
            return (Size2d)1;
        if (type == typeof(Size3d))
            return (Size3d)1;
        if (type == typeof(ParameterDict))
            return new ParameterDict();
        if (type == typeof(ModuleDict<TorchScratch.NN.Module>))
            return new ModuleDict<TorchScratch.NN.Module>();
        if (type.IsValueType)
            return Activator.CreateInstance(type);
        if (type == typeof(Stream))
            return new MemoryStream();
        if (type == typeof(TextReader))
            return new StringReader("");
        if (type == typeof(TextWriter))
            return new StringWriter();
        if (type == typeof(TorchScratch.NN.Module) || type == typeof(Module<Tensor, Tensor>))
            return new Linear(2, 2);
        if (typeof(Delegate).IsAssignableFrom(type))
            return Function(type);
        if (type.IsArray)
            return Filled(type.GetElementType()!, name, depth);
        if (type.IsGenericType && type.GetGenericArguments() is [var element] &&
            type.IsAssignableFrom(element.MakeArrayType()))
        {
            return Filled(element, name, depth);
        }
        if (type.IsGenericType && type.GetGenericArguments() is [var key, var value] &&
            typeof(Dictionary<,>).MakeGenericType(key, value) is var dictionary && type.IsAssignableFrom(dictionary))
        {
            return Activator.CreateInstance(dictionary);
        }
        return Created(type, depth);
    }

    private static Array? Filled(Type element, string name, int depth)
    {
        if (element.IsByRefLike || Sample(element, name, depth + 1) is not { } entry)
            return element.IsByRefLike ? null : Array.CreateInstance(element, 0);
        var array = Array.CreateInstance(element, 1);
        array.SetValue(entry, 0);
        return array;
    }

    // A function that returns a default.
    private static Delegate? Function(Type type)
    {
        if (type.ContainsGenericParameters || type.GetMethod("Invoke") is not { } invoke ||
            invoke.GetParameters().Any(p => p.ParameterType.IsByRefLike || p.ParameterType.IsByRef))
        {
            return null;
        }
        return Expression.Lambda(type, Expression.Default(invoke.ReturnType),
            invoke.GetParameters().Select(p => Expression.Parameter(p.ParameterType))).Compile();
    }

    // An object of the type or of a public one that derives from it, by the constructor with the fewest parameters.
    private static object? Created(Type type, int depth)
    {
        var candidates = type.IsAbstract || type.IsInterface
            ? Assemblies.SelectMany(assembly => assembly.GetExportedTypes())
                .Where(t => !t.IsAbstract && !t.IsGenericTypeDefinition && type.IsAssignableFrom(t))
            : [type];
        foreach (var constructor in candidates.SelectMany(t => t.GetConstructors()).OrderBy(c => c.GetParameters().Length))
        {
            object?[] values = [.. constructor.GetParameters().Select(p =>
                p.HasDefaultValue && !p.ParameterType.IsByRefLike && !p.ParameterType.IsValueType ? null
                    : Sample(Plain(p.ParameterType), p.Name!, depth + 1))];
            try
            {
                return Compile(constructor)(values);
            }
            catch (Exception e) when (e is ArgumentException or TorchScratchException or IOException or NullReferenceException
                or InvalidCastException or InvalidOperationException or NotSupportedException or UnauthorizedAccessException)
            {
            }
        }
        return null;
    }
}
