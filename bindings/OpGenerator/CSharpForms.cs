// The forms in which C# has an operator. Besides the method itself these are, each as a call of it:
//   - a static form of an instance method, Tensor.Relu(x), as PyTorch has torch.relu(x);
//   - an IntList where the method takes its integers without brackets, for arrays and lists: x.Reshape(sizes);
//   - integers without brackets where a creation function takes an IntList: Tensor.Zeros(2, 3);
//   - the same with an array, and any sequence of sizes, for languages without `params` spans, such as F#;
//   - any sequence of tensors where the method takes a span: Tensor.Cat(list);
//   - in Functional, the methods of Tensor that torch.nn.functional has too.
// Priorities decide where the language would call two forms equally good.

namespace TorchScratch.OpGenerator;

internal sealed class CSharpForms(Table table)
{
    private const string Low = "[OverloadResolutionPriority(-1)]";

    private readonly ILookup<(Home Class, string Name), Overload> methods = table.PublicOverloads
        .Where(overload => overload.Row.Home != Home.Native)
        .ToLookup(overload => (Class(overload.Row), CSharpEmitter.MethodName(overload)));

    /// <summary>The methods of a family with the names of their classes.</summary>
    public IEnumerable<(string Class, string Text)> Of(Family family)
    {
        foreach (var overload in family.ManagedOverloads)
        {
            foreach (var form in Of(overload))
                yield return (Class(overload.Row).ToString(), form);
            if (overload.Row.IsFunctionalToo && !overload.IsInPlace)
                yield return (nameof(Home.Functional), InFunctional(overload));
            if (CSharpEmitter.IsInstance(overload) && IsStaticTaken(overload))
                yield return ("TensorFunctions", Extension(overload));
        }
    }

    private IEnumerable<string> Of(Overload overload)
    {
        var priority = Competes(overload) ? Low : "";
        var hasStaticForm = CSharpEmitter.IsInstance(overload) && !overload.IsInPlace && !IsStaticTaken(overload);
        yield return CSharpEmitter.Method(overload, priority);
        if (hasStaticForm)
            yield return Form(overload, isStaticForm: true, Same, priority);
        var passed = CSharpEmitter.Passed(overload).ToArray();
        if (passed.Length > 0 && CSharpEmitter.IsVariadic(overload, passed[^1]))
        {
            yield return Form(overload, isStaticForm: false, Listed, Low);
            if (hasStaticForm)
                yield return Form(overload, isStaticForm: true, Listed, Low);
            yield return Form(overload, isStaticForm: false, InArray, Low);
            if (hasStaticForm)
                yield return Form(overload, isStaticForm: true, InArray, Low);
        }
        if (passed.Any(a => a.IsList))
        {
            yield return Form(overload, isStaticForm: false, Sequence, Low);
            if (hasStaticForm)
                yield return Form(overload, isStaticForm: true, Sequence, Low);
        }
        if (overload.Row.Home == Home.Static && passed.Any(IsSizes))
            yield return Form(overload, isStaticForm: false, InSequence, Low);
        foreach (var sizes in Bracketless(overload))
            yield return sizes;
    }

    private static Home Class(OpRow row) => row.Home == Home.Static ? Home.Tensor : row.Home;

    // Whether it takes an enum where another method of the name takes something else, so that 0 would fit both, or an
    // optional tensor where another takes an optional number, so that a call without either would.
    private bool Competes(Overload overload)
    {
        Argument[] arguments = [.. CSharpEmitter.Passed(overload)];
        return methods[(Class(overload.Row), CSharpEmitter.MethodName(overload))].Where(other => other != overload)
            .Any(other => CSharpEmitter.Passed(other).Zip(arguments).Any(pair =>
                (pair.Second.Type.Kind == TypeKind.Enum && pair.First.Type.Kind != TypeKind.Enum) ||
                (pair.Second is { IsTensor: true, Default: not null } && pair.First.Type.Kind == TypeKind.Scalar)));
    }

    // Whether an instance method has the parameters of the static form, which then cannot be a member: Max(x).
    private bool IsStaticTaken(Overload overload) => !overload.IsInPlace &&
        methods[(Home.Tensor, CSharpEmitter.MethodName(overload))].Any(other => CSharpEmitter.IsInstance(other) &&
            CSharpEmitter.Passed(other).Select(a => Type(other, a)).SequenceEqual(
                CSharpEmitter.Passed(overload).Select(a => Type(overload, a)).Prepend("Tensor")));

    private static string Extension(Overload overload) => Code.Format($$"""
        extension(Tensor)
        {
            {{Form(overload, isStaticForm: true, Same, "").Replace("NotNull(self)", "Tensor.NotNull(self)").Replace("cref=\"", "cref=\"Tensor.")}}
        }
        """);

    // A method of Tensor as a function of Functional.
    private static string InFunctional(Overload overload)
    {
        var parameters = CSharpEmitter.Passed(overload).Select(a => CSharpEmitter.Parameter(overload, a)).Prepend("Tensor input");
        var passed = CSharpEmitter.Passed(overload).Select(CSharpEmitter.Name);
        var name = CSharpEmitter.MethodName(overload);
        return Code.Format($$"""
            /// <inheritdoc cref="Tensor.{{Reference(overload)}}"/>
            public static {{CSharpEmitter.Returned(overload.Row)}} {{name}}({{Text.List(parameters)}}) =>
                Tensor.NotNull(input).{{name}}({{Text.List(passed)}});
            """);
    }

    private static (string Parameter, string Passed) Same(Overload overload, Argument argument) =>
        (CSharpEmitter.Parameter(overload, argument), CSharpEmitter.Name(argument));

    private static (string Parameter, string Passed) Listed(Overload overload, Argument argument)
    {
        var name = CSharpEmitter.Name(argument);
        return CSharpEmitter.IsVariadic(overload, argument) ? ($"IntList {name}", name + ".Span") : Same(overload, argument);
    }

    private static (string Parameter, string Passed) InArray(Overload overload, Argument argument)
    {
        var name = CSharpEmitter.Name(argument);
        return CSharpEmitter.IsVariadic(overload, argument) ? ($"params long[] {name}", $"NumberSequence.Span({name})")
            : Same(overload, argument);
    }

    private static (string Parameter, string Passed) InSequence(Overload overload, Argument argument)
    {
        var name = CSharpEmitter.Name(argument);
        return IsSizes(argument) ? ($"IEnumerable<int> {name}", $"NumberSequence.Copy({name})")
            : Same(overload, argument);
    }

    private static (string Parameter, string Passed) Sequence(Overload overload, Argument argument)
    {
        var name = CSharpEmitter.Name(argument);
        return argument.IsList ? ($"IEnumerable<Tensor> {name}", $"TensorSequence.Span({name})") : Same(overload, argument);
    }

    private static string Form(Overload overload, bool isStaticForm,
        Func<Overload, Argument, (string Parameter, string Passed)> convert, string attribute)
    {
        var arguments = CSharpEmitter.Passed(overload).Select(a => convert(overload, a)).ToArray();
        var parameters = arguments.Select(a => a.Parameter);
        var isStatic = isStaticForm || !CSharpEmitter.IsInstance(overload);
        var call = $"{CSharpEmitter.MethodName(overload)}({Text.List(arguments.Select(a => a.Passed))})";
        return Code.Format($$"""
            /// <inheritdoc cref="{{Reference(overload)}}"/>
            {{attribute}}
            public {{(isStatic ? "static " : "")}}{{CSharpEmitter.Returned(overload.Row)}} {{CSharpEmitter.MethodName(overload)}}({{Text.List(isStaticForm ? parameters.Prepend("Tensor self") : parameters)}}) =>
                {{(isStaticForm ? "NotNull(self)." : "")}}{{call}};
            """);
    }

    // Sizes are followed by an element type and a device at most. After other integers one size must be given, and a list is
    // preferred, so that RandInt(10, 3) has one meaning.
    private static IEnumerable<string> Bracketless(Overload overload)
    {
        Argument[] arguments = [.. CSharpEmitter.Passed(overload)];
        var at = Array.FindIndex(arguments, IsSizes);
        if (overload.Row.Home != Home.Static || at < 0 || at == arguments.Length - 1 ||
            arguments[(at + 1)..].Any(a => a.Type is not { Kind: TypeKind.DType or TypeKind.Device, IsOptional: true }))
            yield break;
        var size = CSharpEmitter.Name(arguments[at]);
        var follows = arguments[..at].Any(a => a.Type.Kind == TypeKind.Int);
        var before = arguments[..at].Select(a => CSharpEmitter.Parameter(overload, a));
        var parameters = before.Concat(follows ? ["long " + size, "params ReadOnlySpan<long> more"] : [$"params ReadOnlySpan<long> {size}"]);
        var passed = arguments[..at].Select(CSharpEmitter.Name).Append($"new IntList({(follows ? $"[{size}, .. more]" : size)})");
        yield return Code.Format($$"""
            /// <inheritdoc cref="{{Reference(overload)}}"/>
            {{(follows ? Low : "")}}
            public static {{CSharpEmitter.Returned(overload.Row)}} {{CSharpEmitter.MethodName(overload)}}({{Text.List(parameters)}}) =>
                {{CSharpEmitter.MethodName(overload)}}({{Text.List(passed)}});
            """);
        if (follows)
            yield break;
        yield return Code.Format($$"""
            /// <inheritdoc cref="{{Reference(overload)}}"/>
            {{Low}}
            public static {{CSharpEmitter.Returned(overload.Row)}} {{CSharpEmitter.MethodName(overload)}}({{Text.List(before.Append($"params long[] {size}"))}}) =>
                {{CSharpEmitter.MethodName(overload)}}({{Text.List(arguments[..at].Select(CSharpEmitter.Name).Append($"NumberSequence.Span({size})"))}});
            """);
    }

    private static bool IsSizes(Argument argument) =>
        argument is { Type: { Kind: TypeKind.IntList, IsOptional: false }, Default: null };

    /// <summary>The method as documentation refers to it: Sum(IntList, bool, OptionalDType).</summary>
    private static string Reference(Overload overload) =>
        $"{CSharpEmitter.MethodName(overload)}({Text.List(CSharpEmitter.Passed(overload).Select(a => Type(overload, a)))})";

    private static string Type(Overload overload, Argument argument)
    {
        var parameter = CSharpEmitter.Parameter(overload, argument).Split(" = ")[0];
        var type = parameter[..parameter.LastIndexOf(' ')];
        type = type.StartsWith("params ", StringComparison.Ordinal) ? type["params ".Length..] : type;
        return (type == "Tensor?" ? "Tensor" : type).Replace('<', '{').Replace('>', '}');
    }
}
