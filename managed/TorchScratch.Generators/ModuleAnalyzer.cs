// Finds members of modules that would be silently untrained and unsaved.

using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace TorchScratch.Generators;

/// <summary>Reports members that nothing registers or can register, and names that are not possible.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class ModuleAnalyzer : DiagnosticAnalyzer
{
    private const string Category = "TorchScratch";

    /// <summary>A module or parameter in a class that is not partial, without a call that registers it.</summary>
    public static readonly DiagnosticDescriptor NotRegistered = new("TSC001", "A member of a module is not registered",
        "'{0}' holds {1} that nothing registers, so it is neither trained nor saved: {2}", Category,
        DiagnosticSeverity.Error, isEnabledByDefault: true);

    /// <summary>A name with dots, an empty one, or one that two members have.</summary>
    public static readonly DiagnosticDescriptor BadName = new("TSC002",
        "The name of a member of a module is not possible",
        "'{0}' would be registered as \"{1}\", {2}; give it another name by [RegisterAs]", Category,
        DiagnosticSeverity.Error, isEnabledByDefault: true);

    /// <summary>Modules inside something that the library does not look into.</summary>
    public static readonly DiagnosticDescriptor Hidden = new("TSC003", "Modules inside a member cannot be registered",
        "'{0}' of type {1} has modules, parameters or buffers inside that cannot be registered, so they are neither " +
        "trained nor saved: hold them in fields, in a List, in a Dictionary with keys of type string, or in a module " +
        "of their own; or mark the member by [NotRegistered]", Category, DiagnosticSeverity.Error,
        isEnabledByDefault: true);

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } =
        [NotRegistered, BadName, Hidden];

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(start =>
        {
            if (KnownTypes.Of(start.Compilation) is not { } types)
                return;
            start.RegisterSymbolStartAction(symbol => Start(symbol, types), SymbolKind.NamedType);
        });
    }

    private static void Start(SymbolStartAnalysisContext context, KnownTypes types)
    {
        var type = (INamedTypeSymbol)context.Symbol;
        if (type.TypeKind != TypeKind.Class || !types.IsModule(type))
            return;
        var kept = new ConcurrentDictionary<IParameterSymbol, bool>(SymbolEqualityComparer.Default);
        context.RegisterOperationAction(operation =>
        {
            var parameter = ((IParameterReferenceOperation)operation.Operation).Parameter;
            if (!IsInitializer(operation.Operation) && !SymbolEqualityComparer.Default.Equals(
                parameter.ContainingSymbol, operation.ContainingSymbol))
            {
                kept[parameter] = true;
            }
        }, OperationKind.ParameterReference);
        context.RegisterSymbolEndAction(end => Report(end, type, types, kept));
    }

    private static bool IsInitializer(IOperation operation)
    {
        for (var current = operation; current is not null; current = current.Parent)
        {
            if (current is IAnonymousFunctionOperation)
                return false;
            if (current is IFieldInitializerOperation or IPropertyInitializerOperation)
                return true;
        }
        return false;
    }

    private static void Report(SymbolAnalysisContext context, INamedTypeSymbol type, KnownTypes types,
        ConcurrentDictionary<IParameterSymbol, bool> kept)
    {
        var obstacle = ModuleClass.FirstNotPartial(type);
        var byHand = ModuleClass.HasMethod(type);
        var called = ModuleClass.NamesRegisteredByCalls(type);
        var names = new HashSet<string>(NamesOfBaseClasses(type, types));
        foreach (var member in ModuleMember.Of(type, types, kept.ContainsKey))
        {
            var location = member.Symbol.Locations.FirstOrDefault();
            var isCalled = called.Contains(member.Symbol.Name);
            if (member.Kind == MemberKind.Unsupported)
            {
                if (!isCalled && !byHand)
                    context.ReportDiagnostic(Diagnostic.Create(Hidden, location, member.Symbol.Name,
                        member.Type.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat)));
            }
            else if (obstacle is null && !byHand)
            {
                var problem = member.Name.Length == 0 ? "which is empty"
                    : member.Name.Contains('.') ? "but dots separate the names of a path"
                    : !names.Add(member.Name) && !isCalled ? "a name that another member has" : null;
                if (problem is not null)
                {
                    context.ReportDiagnostic(Diagnostic.Create(BadName, location, member.Symbol.Name, member.Name,
                        problem));
                }
            }
            else if (!isCalled && !byHand && member.Kind != MemberKind.Interface)
            {
                context.ReportDiagnostic(Diagnostic.Create(NotRegistered, location, member.Symbol.Name,
                    Noun(member.Kind), Remedy(type, obstacle!)));
            }
        }
    }

    private static IEnumerable<string> NamesOfBaseClasses(INamedTypeSymbol type, KnownTypes types)
    {
        for (var current = type.BaseType; types.IsModule(current) && current!.DeclaringSyntaxReferences.Length > 0;
            current = current.BaseType)
        {
            if (!ModuleClass.IsPartial(current))
                continue;
            foreach (var member in ModuleMember.Of(current.OriginalDefinition, types, _ => false))
                yield return member.Name;
        }
    }

    private static string Noun(MemberKind kind) => kind switch
    {
        MemberKind.Module => "a module",
        MemberKind.Parameter => "a parameter",
        MemberKind.Buffer => "a buffer",
        MemberKind.Modules or MemberKind.ModulesByName => "modules",
        _ => "parameters",
    };

    private static string Remedy(INamedTypeSymbol type, INamedTypeSymbol obstacle)
    {
        const string calls = "register the member by RegisterModule, RegisterParameter or RegisterBuffer";
        const string mark = "mark it by [NotRegistered]";
        if (obstacle.IsFileLocal)
            return $"{obstacle.Name} is local to its file, so {calls}, or make it partial and not local; or {mark}";
        return SymbolEqualityComparer.Default.Equals(obstacle, type)
            ? $"declare {type.Name} as partial, or {calls}; or {mark}"
            : $"declare the type around it, {obstacle.Name}, as partial, or {calls}; or {mark}";
    }
}
