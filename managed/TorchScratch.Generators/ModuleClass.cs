// Module classes as declared: their parts, and whether code can be added to them.

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace TorchScratch.Generators;

internal static class ModuleClass
{
    /// <summary>The method that generated code overrides.</summary>
    public const string Method = "RegisterMembers";

    private static readonly string[] Calls = ["RegisterModule", "RegisterParameter", "RegisterBuffer"];

    /// <summary>Whether generated code can be added: the class and all around it are partial.</summary>
    public static bool IsPartial(INamedTypeSymbol type) => FirstNotPartial(type) is null;

    /// <summary>The class itself or the one around it to which no code can be added; null if there is none.</summary>
    public static INamedTypeSymbol? FirstNotPartial(INamedTypeSymbol type)
    {
        for (var current = type; current is not null; current = current.ContainingType)
        {
            if (current.IsFileLocal || !Parts(current).Any(part => part.Modifiers.Any(SyntaxKind.PartialKeyword)))
                return current;
        }
        return null;
    }

    public static IEnumerable<TypeDeclarationSyntax> Parts(INamedTypeSymbol type) => type.DeclaringSyntaxReferences
        .Select(reference => reference.GetSyntax()).OfType<TypeDeclarationSyntax>();

    /// <summary>Whether the class overrides the method itself, other than by generated code.</summary>
    public static bool HasMethod(INamedTypeSymbol type) => type.GetMembers(Method).Any(member => member.IsOverride &&
        !member.GetAttributes().Any(attribute => attribute.AttributeClass?.Name == "GeneratedCodeAttribute"));

    /// <summary>
    /// The names that stand in statements with a call of RegisterModule and its like. What such a statement does cannot
    /// be followed in every case, such as a loop over a list, so a mention counts.
    /// </summary>
    public static HashSet<string> NamesRegisteredByCalls(INamedTypeSymbol type)
    {
        var names = new HashSet<string>();
        foreach (var part in Parts(type))
        {
            foreach (var call in part.DescendantNodes().OfType<InvocationExpressionSyntax>())
            {
                var method = call.Expression switch
                {
                    MemberAccessExpressionSyntax access => access.Name,
                    SimpleNameSyntax name => name,
                    _ => null,
                };
                if (method is null || !Calls.Contains(method.Identifier.ValueText))
                    continue;
                var statement = call.Ancestors().TakeWhile(node => node is not MemberDeclarationSyntax).LastOrDefault(
                    node => node is ArrowExpressionClauseSyntax || node is StatementSyntax and not BlockSyntax) ?? call;
                foreach (var name in statement.DescendantNodes().OfType<IdentifierNameSyntax>())
                    names.Add(name.Identifier.ValueText);
            }
        }
        return names;
    }
}
