// Finds the number 0 where an enum is expected.

using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace TorchScratch.Generators;

/// <summary>Reports <c>x.To(0)</c>: C# converts the literal 0, and no other number, to every enum.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class ZeroArgumentAnalyzer : DiagnosticAnalyzer
{
    /// <summary>0 as an argument for an enum of the library.</summary>
    public static readonly DiagnosticDescriptor Rule = new("TSC005", "The number 0 is passed for an enum",
        "0 is taken as {0}: if it is meant, write its name", "TorchScratch", DiagnosticSeverity.Error,
        isEnabledByDefault: true);

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Rule];

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(start =>
        {
            if (KnownTypes.Of(start.Compilation) is not null)
                start.RegisterOperationAction(Analyze, OperationKind.Argument);
        });
    }

    private static void Analyze(OperationAnalysisContext context)
    {
        if (context.Operation is not IArgumentOperation
            {
                ArgumentKind: ArgumentKind.Explicit,
                Value: IConversionOperation
                {
                    IsImplicit: true,
                    Type: { TypeKind: TypeKind.Enum } type,
                    Operand: { Type.TypeKind: not TypeKind.Enum, ConstantValue.HasValue: true } zero,
                },
            } || type.ContainingAssembly.Name.Split('.')[0] != "TorchScratch")
        {
            return;
        }
        var named = type.GetMembers().OfType<IFieldSymbol>()
            .FirstOrDefault(field => field.HasConstantValue && Convert.ToInt64(field.ConstantValue) == 0);
        context.ReportDiagnostic(Diagnostic.Create(Rule, zero.Syntax.GetLocation(),
            named is null ? $"no value of {type.Name}" : $"{type.Name}.{named.Name}"));
    }
}
