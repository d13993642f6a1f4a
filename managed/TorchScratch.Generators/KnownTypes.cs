// The library's types, as the compiler sees them in a program.

using Microsoft.CodeAnalysis;

namespace TorchScratch.Generators;

/// <summary>The types that decide what a member of a module is.</summary>
internal sealed class KnownTypes
{
    private readonly INamedTypeSymbol? _pairType;

    private KnownTypes(Compilation compilation, INamedTypeSymbol module)
    {
        Module = module;
        Parameter = compilation.GetTypeByMetadataName("TorchScratch.NN.Parameter");
        Buffer = compilation.GetTypeByMetadataName("TorchScratch.NN.ModuleBuffer");
        Tensor = compilation.GetTypeByMetadataName("TorchScratch.Tensor");
        RegisterAs = compilation.GetTypeByMetadataName("TorchScratch.NN.RegisterAsAttribute");
        NotRegistered = compilation.GetTypeByMetadataName("TorchScratch.NN.NotRegisteredAttribute");
        _pairType = compilation.GetTypeByMetadataName("System.Collections.Generic.KeyValuePair`2");
    }

    public INamedTypeSymbol Module { get; }

    public INamedTypeSymbol? Parameter { get; }

    public INamedTypeSymbol? Buffer { get; }

    public INamedTypeSymbol? Tensor { get; }

    public INamedTypeSymbol? RegisterAs { get; }

    public INamedTypeSymbol? NotRegistered { get; }

    /// <summary>The types; null in a compilation that does not reference the library.</summary>
    public static KnownTypes? Of(Compilation compilation) =>
        compilation.GetTypeByMetadataName("TorchScratch.NN.Module") is { } module ? new(compilation, module) : null;

    public bool IsModule(ITypeSymbol? type) => DerivesFrom(type, Module);

    public bool IsTensor(ITypeSymbol? type) => DerivesFrom(type, Tensor) || DerivesFrom(type, Parameter);

    /// <summary>How a member of a type is registered.</summary>
    public MemberKind Classify(ITypeSymbol type)
    {
        if (Single(type) is var single and not MemberKind.None)
            return single;
        if (ItemOf(type) is { } item)
        {
            if (item is INamedTypeSymbol { TypeArguments.Length: 2 } pair &&
                SymbolEqualityComparer.Default.Equals(pair.OriginalDefinition, _pairType))
            {
                var value = pair.TypeArguments[1];
                return (Single(value), pair.TypeArguments[0].SpecialType) switch
                {
                    (MemberKind.Module, SpecialType.System_String) => MemberKind.ModulesByName,
                    (MemberKind.Parameter, SpecialType.System_String) => MemberKind.ParametersByName,
                    (MemberKind.None, _) => Contains(value) ? MemberKind.Unsupported : MemberKind.None,
                    _ => MemberKind.Unsupported,
                };
            }
            return Single(item) switch
            {
                MemberKind.Module => MemberKind.Modules,
                MemberKind.Parameter => MemberKind.Parameters,
                MemberKind.None => Contains(item) ? MemberKind.Unsupported : MemberKind.None,
                _ => MemberKind.Unsupported,
            };
        }
        if (Contains(type))
            return MemberKind.Unsupported;
        return type.TypeKind == TypeKind.Interface && type.DeclaringSyntaxReferences.Length > 0
            ? MemberKind.Interface : MemberKind.None;
    }

    private MemberKind Single(ITypeSymbol type)
    {
        if (type is ITypeParameterSymbol parameter)
        {
            return parameter.ConstraintTypes.Select(Single)
                .FirstOrDefault(kind => kind != MemberKind.None);
        }
        return IsModule(type) ? MemberKind.Module
            : DerivesFrom(type, Parameter) ? MemberKind.Parameter
            : DerivesFrom(type, Buffer) ? MemberKind.Buffer
            : MemberKind.None;
    }

    // T of IEnumerable<T>; for a dictionary, of the pairs.
    private static ITypeSymbol? ItemOf(ITypeSymbol type)
    {
        if (type.SpecialType == SpecialType.System_String)
            return null;
        if (type is IArrayTypeSymbol { Rank: 1 } array)
            return array.ElementType;
        if (type is ITypeParameterSymbol parameter)
            return parameter.ConstraintTypes.Select(ItemOf).FirstOrDefault(item => item is not null);
        return new[] { type }.Concat(type.AllInterfaces).OfType<INamedTypeSymbol>().FirstOrDefault(candidate =>
            candidate.OriginalDefinition.SpecialType == SpecialType.System_Collections_Generic_IEnumerable_T)
            ?.TypeArguments[0];
    }

    // Whether modules or parameters are inside a value of a type that cannot be registered: a tuple, a nested
    // collection, or a class of the program that is no module.
    private bool Contains(ITypeSymbol type)
    {
        if (type is IArrayTypeSymbol array)
            return IsPart(array.ElementType);
        if (type is not INamedTypeSymbol named || named.TypeKind is TypeKind.Delegate or TypeKind.Interface &&
            ItemOf(type) is null)
        {
            return false;
        }
        if (named.IsTupleType || named.ContainingNamespace?.ToString() is "System.Collections.Generic" or
            "System.Collections.Immutable" or "System.Collections.Concurrent" || named.Name is "Lazy" or "Tuple")
        {
            return named.TypeArguments.Any(IsPart);
        }
        return named.DeclaringSyntaxReferences.Length > 0 && named.GetMembers().OfType<IFieldSymbol>()
                .Any(field => !field.IsStatic && Single(field.Type) != MemberKind.None);
    }

    private bool IsPart(ITypeSymbol type) =>
        Single(type) != MemberKind.None || ItemOf(type) is { } item && IsPart(item) || Contains(type);

    private static bool DerivesFrom(ITypeSymbol? type, INamedTypeSymbol? ancestor)
    {
        if (ancestor is null)
            return false;
        for (var current = type; current is not null; current = current.BaseType)
        {
            if (SymbolEqualityComparer.Default.Equals(current.OriginalDefinition, ancestor))
                return true;
        }
        return false;
    }
}
