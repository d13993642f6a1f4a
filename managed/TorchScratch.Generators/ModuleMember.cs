// The members of a module class that hold modules, parameters and buffers.

using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace TorchScratch.Generators;

/// <summary>A field, an automatic property, or a parameter that a primary constructor keeps.</summary>
internal sealed class ModuleMember
{
    private ModuleMember(ISymbol symbol, ITypeSymbol type, MemberKind kind, string name, string expression)
    {
        Symbol = symbol;
        Type = type;
        Kind = kind;
        Name = name;
        Expression = expression;
    }

    /// <summary>The member as the program declares it.</summary>
    public ISymbol Symbol { get; }

    public ITypeSymbol Type { get; }

    public MemberKind Kind { get; }

    /// <summary>Its name in paths and state dicts.</summary>
    public string Name { get; }

    /// <summary>C# that reads it.</summary>
    public string Expression { get; }

    /// <summary>The members that a class declares, in order, without those marked [NotRegistered].</summary>
    /// <param name="owner">The class.</param>
    /// <param name="types">The library's types.</param>
    /// <param name="isKept">Whether a primary constructor's parameter is used after construction.</param>
    public static IEnumerable<ModuleMember> Of(INamedTypeSymbol owner, KnownTypes types,
        Func<IParameterSymbol, bool> isKept)
    {
        var primary = owner.InstanceConstructors.FirstOrDefault(constructor => constructor.DeclaringSyntaxReferences
            .Any(reference => reference.GetSyntax() is TypeDeclarationSyntax));
        foreach (var parameter in primary?.Parameters ?? [])
        {
            if (types.Classify(parameter.Type) is var kind and not MemberKind.None &&
                !Has(parameter, types.NotRegistered) && isKept(parameter))
            {
                yield return new(parameter, parameter.Type, kind, NameOf(parameter, parameter.Name, types),
                    "@" + parameter.Name);
            }
        }
        foreach (var field in owner.GetMembers().OfType<IFieldSymbol>())
        {
            if (field.IsStatic || field.IsConst || types.Classify(field.Type) is var kind && kind == MemberKind.None ||
                Has(field, types.NotRegistered))
            {
                continue;
            }
            if (field.AssociatedSymbol is IPropertySymbol property)
            {
                if (property.GetMethod is null || Has(property, types.NotRegistered) || OverridesOne(property))
                    continue;
                var contract = property.ExplicitInterfaceImplementations.FirstOrDefault();
                var self = contract is null ? "this" : $"(({Text(contract.ContainingType)})this)";
                var name = contract?.Name ?? property.Name;
                var given = Given(field, types) ?? Given(property, types);
                yield return new(property, field.Type, kind, given ?? SnakeCase(name), $"{self}.@{name}");
            }
            else if (!field.IsImplicitlyDeclared)
            {
                yield return new(field, field.Type, kind, NameOf(field, field.Name, types), $"this.@{field.Name}");
            }
        }
    }

    /// <summary>
    /// The words of an identifier in lower case, with underscores between them and none before:
    /// _fc1 is fc1, SelfAttention is self_attention, Conv2D is conv2d.
    /// </summary>
    public static string SnakeCase(string identifier)
    {
        var words = identifier.TrimStart('_');
        if (words.Length == 0)
            return identifier;
        var text = new StringBuilder();
        for (var i = 0; i < words.Length; i++)
        {
            var next = i + 1 < words.Length ? words[i + 1] : ' ';
            if (i > 0 && char.IsUpper(words[i]) &&
                (char.IsLower(words[i - 1]) || words[i - 1] != '_' && char.IsLower(next)))
            {
                text.Append('_');
            }
            text.Append(char.ToLowerInvariant(words[i]));
        }
        return text.ToString();
    }

    public static string Text(ITypeSymbol type) => type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat);

    private static string NameOf(ISymbol symbol, string identifier, KnownTypes types) =>
        Given(symbol, types) ?? SnakeCase(identifier);

    private static string? Given(ISymbol symbol, KnownTypes types) => symbol.GetAttributes()
        .FirstOrDefault(attribute => SymbolEqualityComparer.Default.Equals(attribute.AttributeClass, types.RegisterAs))
        ?.ConstructorArguments.FirstOrDefault().Value as string;

    private static bool Has(ISymbol symbol, INamedTypeSymbol? attribute) => attribute is not null &&
        symbol.GetAttributes().Any(given => SymbolEqualityComparer.Default.Equals(given.AttributeClass, attribute));

    // The base class registers the property that this one overrides.
    private static bool OverridesOne(IPropertySymbol property)
    {
        for (var overridden = property.OverriddenProperty; overridden is not null;
            overridden = overridden.OverriddenProperty)
        {
            if (overridden.ContainingType.GetMembers().OfType<IFieldSymbol>()
                .Any(field => SymbolEqualityComparer.Default.Equals(field.AssociatedSymbol, overridden)))
            {
                return true;
            }
        }
        return false;
    }
}
