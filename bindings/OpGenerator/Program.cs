// Turns native/ops.yaml into everything that follows from it. Run inside the repository:
//     dotnet run --project bindings/OpGenerator [--root DIR] [--check]
// --check writes nothing and fails when a file differs from what would be written.

using TorchScratch.OpGenerator;

var check = args.Contains("--check");
var root = args.SkipWhile(arg => arg != "--root").ElementAtOrDefault(1) ?? FindRoot(Directory.GetCurrentDirectory());
if (args.Except(["--check", "--root", root]).Any())
    return Fail("usage: OpGenerator [--root DIR] [--check]");
if (root is null)
    return Fail("no native/ops.yaml above the current directory; run inside the repository, or name it with --root");

var (table, errors) = TableReader.Read(File.ReadAllText(Path.Combine(root, "native/ops.yaml")));
if (table is null || errors.Count > 0)
    return Fail([.. errors]);

var outputs = Outputs(table).ToDictionary(output => Path.Combine(root, output.Path), output => output.Text);
var changed = outputs.Keys.Where(path => !File.Exists(path) || File.ReadAllText(path) != outputs[path]).ToList();
var stale = Generated(root).Except(outputs.Keys).ToList();
if (check)
{
    string[] differing = [.. changed.Concat(stale).Select(path => Path.GetRelativePath(root, path))];
    return differing.Length == 0 ? 0 : Fail([.. differing.Select(path => $"{path} is not what native/ops.yaml says"),
        "run: dotnet run --project bindings/OpGenerator"]);
}
foreach (var path in changed)
{
    Directory.CreateDirectory(Path.GetDirectoryName(path)!);
    File.WriteAllText(path, outputs[path]);
}
stale.ForEach(File.Delete);
Console.WriteLine($"{table.Rows.Count()} operators, {table.PublicOverloads.Count()} C entries; " +
    $"{outputs.Count} files, {changed.Count} changed, {stale.Count} removed");
return 0;

static IEnumerable<(string Path, string Text)> Outputs(Table table)
{
    const string include = "native/include/torchscratch", generated = "native/src/generated";
    const string managed = "managed/TorchScratch/Generated";
    return
    [
        ($"{include}/ops.g.h", CppEmitter.Header(table)),
        ($"{include}/c_api_ops.g.h", CApiEmitter.Header(table)),
        ($"{generated}/c_api_ops.g.cpp", CApiEmitter.Source(table)),
        ($"{generated}/kernel_table.g.h", KernelEmitter.TableHeader(table)),
        ($"{generated}/cpu_kernels.g.h", KernelEmitter.CpuHeader(table)),
        ($"{generated}/cpu_kernels.g.cpp", KernelEmitter.CpuTable(table)),
        ($"{generated}/pointwise_list.g.h", KernelEmitter.PointwiseList(table)),
        ($"{generated}/op_list.g.h", KernelEmitter.OpList(table)),
        .. table.Families.Select(family => ($"{generated}/ops_{family.Slug}.g.cpp", CppEmitter.Functions(family))),
        ($"{managed}/Enums.g.cs", CSharpEmitter.Enums(table)),
        .. CSharpEmitter.Classes(table).Select(file => ($"{managed}/{file.Class}.Ops.g.cs", file.Text)),
        ("tests/native/properties/op_calls.g.cpp", TestsEmitter.Registry(table)),
        ("tests/managed/Generated/ReferenceTests.g.cs", TestsEmitter.Examples(table)),
        ("docs/reference/README.md", DocsEmitter.Index(table)),
        .. table.Families.Select(family => ($"docs/reference/{family.Slug}.md", DocsEmitter.Page(family))),
    ];
}

// Where families and classes that the table no longer has would have left files.
static IEnumerable<string> Generated(string root) =>
    from place in new (string Folder, string Pattern)[]
    {
        ("native/src/generated", "ops_*.g.cpp"),
        ("managed/TorchScratch/Generated", "*.Ops.g.cs"),
        ("docs/reference", "*.md"),
    }
    where Directory.Exists(Path.Combine(root, place.Folder))
    from file in Directory.EnumerateFiles(Path.Combine(root, place.Folder), place.Pattern)
    select Path.Combine(root, $"{place.Folder}/{Path.GetFileName(file)}");

static string? FindRoot(string directory) =>
    File.Exists(Path.Combine(directory, "native", "ops.yaml")) ? directory
    : Path.GetDirectoryName(directory) is { } parent ? FindRoot(parent) : null;

static int Fail(params string[] problems)
{
    foreach (var problem in problems)
        Console.Error.WriteLine("error: " + problem);
    return 1;
}
