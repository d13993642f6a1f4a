// Calls a method with boxed arguments. Reflection cannot pass what lives on the stack only (lists of sizes, spans), so each
// method gets a stub that converts: IntList from long[], spans from arrays, and results to arrays.

using System.Collections.Concurrent;
using System.Reflection;
using System.Reflection.Emit;

namespace TorchScratch.Fuzz.Api;

internal static class Invoker
{
    private static readonly ConcurrentDictionary<MethodBase, Func<object?, object?[], object?>> Stubs = new();

    /// <summary>Why a method cannot be called; null if it can.</summary>
    public static string? WhyNot(MethodBase method)
    {
        if (method.DeclaringType!.IsByRefLike)
            return "its type lives on the stack";
        foreach (var parameter in method.GetParameters())
        {
            var type = parameter.ParameterType.IsByRef ? parameter.ParameterType.GetElementType()! : parameter.ParameterType;
            if (type.IsPointer || type == typeof(nint))
                return $"{parameter.Name} is a pointer";
            if (type.IsByRefLike && !CanConvert(type))
                return $"{parameter.Name} lives on the stack";
        }
        return null;
    }

    public static object? Invoke(MethodBase method, object? target, object?[] arguments) =>
        Stubs.GetOrAdd(method, Make)(target, arguments);

    /// <summary>The type of which an argument is made, such as long[] for a list of sizes.</summary>
    public static Type TypeOf(ParameterInfo parameter)
    {
        var type = parameter.ParameterType.IsByRef ? parameter.ParameterType.GetElementType()! : parameter.ParameterType;
        return type == typeof(IntList) ? typeof(long[])
            : type.IsByRefLike && CanConvert(type) ? type.GetGenericArguments()[0].MakeArrayType() : type;
    }

    private static bool CanConvert(Type type) => type == typeof(IntList) || (type.IsGenericType &&
        type.GetGenericTypeDefinition() is var open && (open == typeof(ReadOnlySpan<>) || open == typeof(Span<>)));

    private static Func<object?, object?[], object?> Make(MethodBase method)
    {
        var stub = new DynamicMethod("call", typeof(object), [typeof(object), typeof(object[])],
            typeof(Invoker).Module, skipVisibility: true);
        var il = stub.GetILGenerator();
        if (!method.IsStatic && !method.IsConstructor)
        {
            il.Emit(OpCodes.Ldarg_0);
            il.Emit(method.DeclaringType!.IsValueType ? OpCodes.Unbox : OpCodes.Castclass, method.DeclaringType);
        }
        var parameters = method.GetParameters();
        for (var i = 0; i < parameters.Length; i++)
            LoadArgument(il, i, parameters[i].ParameterType);
        if (method is ConstructorInfo constructor)
            il.Emit(OpCodes.Newobj, constructor);
        else
            il.Emit(method.IsStatic || method.DeclaringType!.IsValueType ? OpCodes.Call : OpCodes.Callvirt,
                (MethodInfo)method);
        Box(il, method is MethodInfo { ReturnType: var type } ? type : method.DeclaringType!);
        il.Emit(OpCodes.Ret);
        return stub.CreateDelegate<Func<object?, object?[], object?>>();
    }

    private static void LoadArgument(ILGenerator il, int index, Type type)
    {
        var value = type.IsByRef ? type.GetElementType()! : type;
        il.Emit(OpCodes.Ldarg_1);
        il.Emit(OpCodes.Ldc_I4, index);
        il.Emit(OpCodes.Ldelem_Ref);
        if (value.IsByRefLike)
        {
            var array = value == typeof(IntList) ? typeof(long[]) : value.GetGenericArguments()[0].MakeArrayType();
            il.Emit(OpCodes.Castclass, array);
            il.Emit(OpCodes.Call, value.GetMethods().First(method => method.Name == "op_Implicit" &&
                method.ReturnType == value && method.GetParameters()[0].ParameterType == array));
        }
        else
        {
            // Null becomes the default of a value type: a delegate cannot be passed null otherwise.
            il.Emit(OpCodes.Unbox_Any, value);
        }
        if (!type.IsByRef)
            return;
        var local = il.DeclareLocal(value);
        il.Emit(OpCodes.Stloc, local);
        il.Emit(OpCodes.Ldloca, local);
    }

    private static void Box(ILGenerator il, Type type)
    {
        if (type == typeof(void))
        {
            il.Emit(OpCodes.Ldnull);
        }
        else if (type.IsByRef || type.IsPointer)
        {
            il.Emit(OpCodes.Pop);
            il.Emit(OpCodes.Ldnull);
        }
        else if (type.IsByRefLike)
        {
            var local = il.DeclareLocal(type);
            il.Emit(OpCodes.Stloc, local);
            // The elements of a list; what opens a scope is closed again.
            var then = type.GetMethod("ToArray", Type.EmptyTypes) ?? type.GetMethod("Dispose", Type.EmptyTypes);
            if (then is not null)
            {
                il.Emit(OpCodes.Ldloca, local);
                il.Emit(OpCodes.Call, then);
            }
            if (then is null || then.ReturnType == typeof(void))
                il.Emit(OpCodes.Ldnull);
        }
        else if (type.IsValueType)
        {
            il.Emit(OpCodes.Box, type);
        }
    }
}
