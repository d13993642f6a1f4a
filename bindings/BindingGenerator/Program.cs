// Reads the C header with CppSharp and writes the P/Invoke declarations of TorchScratch.Native.
// Usage: BindingGenerator <c_api.h> <include directory> <Native.g.cs>

using CppSharp;
using CppSharp.AST;
using CppSharp.Parser;
using TorchScratch.BindingGenerator;

if (args is not [var headerPath, var includeDirectory, var outputPath])
{
    Console.Error.WriteLine("usage: BindingGenerator <c_api.h> <include directory> <Native.g.cs>");
    return 2;
}

try
{
    var header = HeaderFiles.Open(headerPath);
    using var driver = new Driver(new DriverOptions { Quiet = true, OutputNewLineType = NewLineType.LF });
    if (!Parse(driver, header, Path.GetFullPath(includeDirectory)))
        return 1;

    var generator = new PInvokeGenerator(driver.Context, SelectUnits(driver.Context.ASTContext, header), header);
    generator.Process();
    File.WriteAllText(outputPath, generator.Generate());
    Console.WriteLine($"{Path.GetFileName(outputPath)}: {generator.FunctionCount} functions");
    return 0;
}
catch (Exception e) when (e is UnsupportedHeaderException or IOException or UnauthorizedAccessException)
{
    Console.Error.WriteLine($"error: {e.Message}");
    return 1;
}

// Parses the header as plain C99 with clang's freestanding headers and one fixed target, so that the output depends
// neither on this machine's compiler nor on its C library.
static bool Parse(Driver driver, HeaderFiles header, string includeDirectory)
{
    var module = driver.Options.AddModule("torchscratch");
    module.IncludeDirs.Add(includeDirectory);
    module.Headers.Add(header.Paths[0]);

    var parser = driver.ParserOptions;
    parser.LanguageVersion = LanguageVersion.C99;
    parser.TargetTriple = "x86_64-unknown-linux-gnu";
    parser.MicrosoftMode = false;
    parser.NoBuiltinIncludes = true;
    parser.NoStandardIncludes = true;
    parser.AddArguments("-ffreestanding");
    parser.AddSystemIncludeDirs(parser.BuiltinsDir);

    driver.Setup();
    return driver.ParseCode();
}

// The translation units to bind, in the order in which they are hashed. An entry declared in another file would not be
// covered by the hash check.
static IReadOnlyList<TranslationUnit> SelectUnits(ASTContext context, HeaderFiles header)
{
    var units = context.TranslationUnits.Where(unit => unit.IsValid && !unit.IsSystemHeader)
        .ToLookup(unit => header.Paths.IndexOf(Path.GetFullPath(unit.FilePath)));
    foreach (var stray in units[-1].SelectMany(unit => unit.Declarations))
    {
        if (stray is Function or Enumeration or Class { IsIncomplete: false })
            throw new UnsupportedHeaderException($"{stray.Name} is declared in {stray.TranslationUnit.FileName}; " +
                $"only {string.Join(" and ", header.Paths.Select(Path.GetFileName))} are hashed and bound");
    }
    return [.. Enumerable.Range(0, header.Paths.Count).SelectMany(index => units[index])];
}
