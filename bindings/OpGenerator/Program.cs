// Generates all files that depend on native/ops.yaml. Run inside the repository:
//     dotnet run --project bindings/OpGenerator [--root DIR] [--check]
// --check writes nothing and fails if a file differs from what would be written.

using TorchScratch.OpGenerator;

var check = args.Contains("--check");
var root = args.SkipWhile(arg => arg != "--root").ElementAtOrDefault(1) ?? FindRoot(Directory.GetCurrentDirectory());
if (args.Except(["--check", "--root", root]).Any())
    return Fail("usage: OpGenerator [--root DIR] [--check]");
if (root is null)
    return Fail("no native/ops.yaml in the current directory or above it; run inside the repository, or pass its path with --root");

var (table, errors) = TableReader.Read(File.ReadAllText(Path.Combine(root, "native/ops.yaml")));
if (table is null || errors.Count > 0)
    return Fail([.. errors]);

var outputs = Outputs(table, [.. Functors.ByFile(table, root)]).ToDictionary(output => Path.Combine(root, output.Path), output =>
    output.Path.EndsWith(".md", StringComparison.Ordinal) ? output.Text : Text.Fold(output.Text));
var changed = outputs.Keys.Where(path => !File.Exists(path) || File.ReadAllText(path) != outputs[path]).ToList();
var stale = Generated(root).Except(outputs.Keys).ToList();
if (check)
{
    string[] differing = [.. changed.Concat(stale).Select(path => Path.GetRelativePath(root, path))];
    return differing.Length == 0 ? 0 : Fail([.. differing.Select(path => $"{path} does not match native/ops.yaml"),
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

static IEnumerable<(string Path, string Text)> Outputs(
    Table table, IReadOnlyList<IGrouping<string, OpRow>> pointwise)
{
    const string include = "native/include/torchscratch", generated = "native/src/generated";
    const string managed = "managed/TorchScratch/Generated", tests = "tests/native/properties";
    return
    [
        ($"{include}/ops.g.h", CppEmitter.Umbrella(table)),
        ($"{include}/enums.g.h", CppEmitter.Enums(table)),
        ($"{include}/c_api_ops.g.h", CApiEmitter.Header(table)),
        ($"{generated}/kernels/list.g.h", KernelEmitter.KernelList(table)),
        ($"{generated}/pointwise/list.g.h", KernelEmitter.PointwiseList(table)),
        ($"{generated}/pointwise/functors.g.h", KernelEmitter.Functors(pointwise.Select(rows => rows.Key))),
        .. pointwise.Select(rows => ($"{generated}/pointwise/{rows.Key}.g.cpp", KernelEmitter.PointwiseFile(rows.Key, rows))),
        ($"{generated}/op_list.g.h", KernelEmitter.OpList(table)),
        ($"{managed}/Enums.g.cs", CSharpEmitter.Enums(table)),
        ($"{managed}/OperatorNames.g.cs", CSharpEmitter.Names(table)),
        ("tests/managed/Generated/ReferenceTests.g.cs", TestsEmitter.Examples(table)),
        ("tests/managed/Generated/LiteralCalls.g.cs", LiteralCallsEmitter.File(table)),
        ("docs/reference/README.md", DocsEmitter.Index(table)),
        .. table.Rows.GroupBy(row => row.Name).Select(rows => ($"{include}/ops/{rows.Key}.g.h", CppEmitter.Operators(rows))),
        .. table.Families.SelectMany<Family, (string, string)>(family =>
        [
            ($"{generated}/ops/{family.Slug}.g.cpp", CppEmitter.Functions(table, family)),
            ($"{generated}/c_api/{family.Slug}.g.cpp", CApiEmitter.Source(family)),
            ($"docs/reference/{family.Slug}.md", DocsEmitter.Page(family)),
        ]),
        .. table.Families.Where(family => family.ManagedOverloads.Any()).Select(family =>
            ($"{tests}/op_calls_{family.Slug}.g.cpp", TestsEmitter.Registry(family))),
        .. table.Families.Where(family => family.Functions.Any()).Select(family =>
            ($"{generated}/functions/{family.Slug}.g.h", CppEmitter.HandWritten(family))),
        .. table.Families.Where(family => table.KernelsOf(family).Any()).SelectMany<Family, (string, string)>(family =>
        [
            ($"{generated}/kernels/{family.Slug}.g.h", KernelEmitter.TableHeader(table, family)),
            ($"{generated}/cpu/{family.Slug}.g.h", KernelEmitter.CpuHeader(table, family)),
            ($"{generated}/cpu/{family.Slug}.g.cpp", KernelEmitter.CpuTable(table, family)),
        ]),
        .. table.Families.SelectMany(family => CSharpEmitter.Classes(table, family), (family, file) =>
            ($"{managed}/{file.Class}.{family.Pascal}.g.cs", file.Text)),
    ];
}

// All generated files, including those of an earlier table.
static IEnumerable<string> Generated(string root) =>
    from folder in "native/include native/src/generated managed/TorchScratch/Generated tests/native docs/reference".Split(' ')
    from path in Directory.EnumerateFiles(Path.Combine(root, folder), "*.*", SearchOption.AllDirectories)
    where File.ReadLines(path).Take(3).Any(line => line.Contains(Text.Banner))
    select path;

static string? FindRoot(string directory) =>
    File.Exists(Path.Combine(directory, "native", "ops.yaml")) ? directory
    : Path.GetDirectoryName(directory) is { } parent ? FindRoot(parent) : null;

static int Fail(params string[] problems)
{
    foreach (var problem in problems)
        Console.Error.WriteLine("error: " + problem);
    return 1;
}
