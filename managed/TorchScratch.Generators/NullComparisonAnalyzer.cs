// Finds tensors compared with null by == and !=.

using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace TorchScratch.Generators;

/// <summary>Reports <c>tensor == null</c>: between tensors, == and != compare elements.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class NullComparisonAnalyzer : DiagnosticAnalyzer
{
    /// <summary>== or != with null.</summary>
    public static readonly DiagnosticDescriptor Rule = new("TSC004", "A tensor is compared with null by an operator",
        "'{0}' compares elements: write '{1}'", "TorchScratch", DiagnosticSeverity.Error, isEnabledByDefault: true);

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Rule];

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(start =>
        {
            if (KnownTypes.Of(start.Compilation) is { } types)
                start.RegisterOperationAction(operation => Analyze(operation, types), OperationKind.Binary);
        });
    }

    private static void Analyze(OperationAnalysisContext context, KnownTypes types)
    {
        var operation = (IBinaryOperation)context.Operation;
        if (operation.OperatorKind is not (BinaryOperatorKind.Equals or BinaryOperatorKind.NotEquals))
            return;
        var left = Unwrapped(operation.LeftOperand);
        var right = Unwrapped(operation.RightOperand);
        var tensor = IsNull(right) ? left : IsNull(left) ? right : null;
        if (tensor is null || !types.IsTensor(tensor.Type))
            return;
        var isEqual = operation.OperatorKind == BinaryOperatorKind.Equals;
        context.ReportDiagnostic(Diagnostic.Create(Rule, operation.Syntax.GetLocation(),
            isEqual ? "== null" : "!= null", $"{tensor.Syntax} is {(isEqual ? "null" : "not null")}"));
    }

    private static bool IsNull(IOperation operation) => operation.ConstantValue is { HasValue: true, Value: null } ||
        (operation is IDefaultValueOperation @default &&
            // The word alone is a default number where a number fits too.
            (@default.Type is { IsReferenceType: true } ||
                @default.Syntax.IsKind(SyntaxKind.DefaultLiteralExpression)));

    private static IOperation Unwrapped(IOperation operation) =>
        operation is IConversionOperation conversion && conversion.Operand.Type is not null &&
        conversion.OperatorMethod is null || operation is IConversionOperation { Operand.ConstantValue.HasValue: true }
            ? Unwrapped(((IConversionOperation)operation).Operand) : operation;
}
