// A public method of the library, callable with an array of objects.
//
// MethodInfo.Invoke cannot pass IntList and ReadOnlySpan<T>, since a ref struct cannot be boxed, and expression trees
// reject them for the same reason. IL allows them on the evaluation stack. So each method gets a thunk (DynamicMethod)
// that takes arrays from the object array, converts them to the ref struct with its public conversion, and calls the
// method. The object array keeps the arrays alive during the call.

using System.Reflection;
using System.Reflection.Emit;

namespace TorchScratch.Conformance.Calls;

/// <summary>A method or one overload of it.</summary>
internal sealed class OperatorMethod
{
    private const BindingFlags PublicMembers =
        BindingFlags.Public | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    private readonly MethodInfo _method;
    private Func<object?[], object?>? _thunk;

    private OperatorMethod(MethodInfo method)
    {
        _method = method;
        var parameters = method.GetParameters().Select(OperatorParameter.From);
        Parameters = method.IsStatic
            ? [.. parameters]
            : [OperatorParameter.Receiver(method.DeclaringType!), .. parameters];
    }

    public OperatorParameter[] Parameters { get; }

    /// <summary>
    /// The public overloads of a name that can be operators. C# parts words that PyTorch joins (MatMul), so only the
    /// letters count.
    /// </summary>
    public static IEnumerable<OperatorMethod> Of(Type type, string name) =>
        from method in type.GetMethods(PublicMembers)
        where string.Equals(method.Name, name, StringComparison.OrdinalIgnoreCase)
        where !method.IsGenericMethod && method.ReturnType != typeof(void)
        where method.GetParameters().All(parameter => !parameter.ParameterType.IsByRef && !parameter.ParameterType.IsPointer)
        // Forms for languages without `params` spans.
        where method.GetParameters().All(parameter => parameter.ParameterType != typeof(long[]))
        select new OperatorMethod(method);

    /// <summary>
    /// Calls the method. An argument for a list parameter is an array, or null if not given; other arguments are boxed.
    /// </summary>
    public object? Invoke(object?[] arguments) => (_thunk ??= Compile())(arguments);

    /// <summary>The element type of IntList, spans and arrays; null for any other type.</summary>
    public static Type? ElementOf(Type type) =>
        type == typeof(IntList) ? typeof(long) :
        type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ReadOnlySpan<>) ? type.GetGenericArguments()[0] :
        type.IsArray ? type.GetElementType() : null;

    private Func<object?[], object?> Compile()
    {
        var thunk = new DynamicMethod(_method.Name, typeof(object), [typeof(object?[])], typeof(OperatorMethod).Module);
        var il = thunk.GetILGenerator();
        for (var i = 0; i < Parameters.Length; i++)
        {
            il.Emit(OpCodes.Ldarg_0);
            il.Emit(OpCodes.Ldc_I4, i);
            il.Emit(OpCodes.Ldelem_Ref);
            EmitConversion(il, Parameters[i].Type);
        }
        il.Emit(_method.IsStatic ? OpCodes.Call : OpCodes.Callvirt, _method);
        if (_method.ReturnType.IsValueType)
            il.Emit(OpCodes.Box, _method.ReturnType);
        il.Emit(OpCodes.Ret);
        return thunk.CreateDelegate<Func<object?[], object?>>();
    }

    private static void EmitConversion(ILGenerator il, Type type)
    {
        if (!type.IsByRefLike)
        {
            il.Emit(OpCodes.Unbox_Any, type);
            return;
        }
        var array = ElementOf(type)!.MakeArrayType();
        il.Emit(OpCodes.Castclass, array);
        il.Emit(OpCodes.Call, type.GetMethod("op_Implicit", [array])!);
    }
}
