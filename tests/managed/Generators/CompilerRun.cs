// A program compiled with the source generator and the analyzers, as a build does it.

using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using TorchScratch.Generators;
using TorchScratch.NN;

namespace TorchScratch.Tests.Generators;

/// <summary>What the compiler says about a source text.</summary>
internal sealed class CompilerRun
{
    private const string Usings = "using System;\nusing System.Collections.Generic;\nusing System.Linq;\n" +
        "using TorchScratch;\nusing TorchScratch.NN;\n";

    private static readonly MetadataReference[] References = [.. ((string)AppContext.GetData(
        "TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Append(typeof(Module).Assembly.Location).Distinct()
        .Select(path => MetadataReference.CreateFromFile(path))];

    private static readonly CSharpParseOptions Language = new(LanguageVersion.Latest);

    private CompilerRun(string generated, ImmutableArray<Diagnostic> diagnostics) =>
        (Generated, Diagnostics) = (generated, diagnostics);

    /// <summary>All generated files.</summary>
    public string Generated { get; }

    /// <summary>Warnings and errors of the compiler, the generator and the analyzers.</summary>
    public ImmutableArray<Diagnostic> Diagnostics { get; }

    public IEnumerable<string> Ids => Diagnostics.Select(diagnostic => diagnostic.Id).Order();

    public string Messages => string.Join('\n', Diagnostics);

    public static CompilerRun Of(string source)
    {
        var driver = CSharpGeneratorDriver.Create([new ModuleGenerator().AsSourceGenerator()], parseOptions: Language)
            .RunGeneratorsAndUpdateCompilation(Compile(source), out var compilation, out var fromGenerator);
        var all = compilation.WithAnalyzers([new ModuleAnalyzer(), new NullComparisonAnalyzer(),
            new ZeroArgumentAnalyzer()])
            .GetAllDiagnosticsAsync().GetAwaiter().GetResult();
        var generated = string.Join('\n', driver.GetRunResult().GeneratedTrees.Select(tree => tree.ToString()));
        return new(generated, [.. all.Concat(fromGenerator).Where(item => item.Severity >= DiagnosticSeverity.Warning)]);
    }

    public static CSharpCompilation Compile(string source) => CSharpCompilation.Create("Program",
        [CSharpSyntaxTree.ParseText(Usings + source, Language, path: "Program.cs")], References,
        new(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));

    public static GeneratorDriver TrackingDriver() => CSharpGeneratorDriver.Create(
        [new ModuleGenerator().AsSourceGenerator()], parseOptions: Language,
        driverOptions: new(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true));
}
