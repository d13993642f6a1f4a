// Turns native/ops.yaml into everything that follows from it. Run from anywhere inside the repository:
//     dotnet run --project bindings/OpGenerator [--root DIR] [--check]
// --check writes nothing and fails when a file differs from what would be written.

using TorchScratch.OpGenerator;

string? root = null;
var check = false;
for (var i = 0; i < args.Length; i++)
{
    switch (args[i])
    {
        case "--check":
            check = true;
            break;
        case "--root" when i + 1 < args.Length:
            root = args[++i];
            break;
        default:
            return Fail($"unknown argument {args[i]}; usage: OpGenerator [--root DIR] [--check]");
    }
}
root ??= FindRoot(Directory.GetCurrentDirectory());
if (root is null)
    return Fail("no native/ops.yaml above the current directory; run inside the repository, or name its root with --root");

var (table, errors) = TableReader.Read(File.ReadAllText(Path.Combine(root, "native", "ops.yaml")));
if (table is not null)
    errors = [.. KernelEmitter.Conflicts(table)];
if (table is null || errors.Count > 0)
    return Fail([.. errors]);

var outputs = Outputs(table);
var stale = Stale(root).Where(path => !outputs.ContainsKey(path)).ToList();
var changed = outputs.Where(output => !File.Exists(FullPath(output.Key)) || File.ReadAllText(FullPath(output.Key)) != output.Value).ToList();
if (check)
{
    string[] differing = [.. changed.Select(output => output.Key), .. stale];
    return differing.Length == 0 ? 0 : Fail([.. differing.Select(path => $"{path} is not what native/ops.yaml says"), "run: dotnet run --project bindings/OpGenerator"]);
}
foreach (var (path, text) in changed)
{
    Directory.CreateDirectory(Path.GetDirectoryName(FullPath(path))!);
    File.WriteAllText(FullPath(path), text);
}
stale.ForEach(path => File.Delete(FullPath(path)));
Console.WriteLine($"{table.Rows.Count()} operators, {table.PublicOverloads.Count()} C entries; {outputs.Count} files, {changed.Count} changed, {stale.Count} removed");
return 0;

string FullPath(string path) => Path.Combine(root, path);

static Dictionary<string, string> Outputs(Table table)
{
    const string include = "native/include/torchscratch", generated = "native/src/generated", managed = "managed/TorchScratch/Generated", docs = "docs/reference";
    Dictionary<string, string> outputs = new()
    {
        [$"{include}/ops.g.h"] = CppEmitter.Header(table),
        [$"{include}/c_api_ops.g.h"] = CApiEmitter.Header(table),
        [$"{generated}/c_api_ops.g.cpp"] = CApiEmitter.Source(table),
        [$"{generated}/kernel_table.g.h"] = KernelEmitter.TableHeader(table),
        [$"{generated}/cpu_kernels.g.h"] = KernelEmitter.CpuHeader(table),
        [$"{generated}/cpu_kernels.g.cpp"] = KernelEmitter.CpuTable(table),
        [$"{generated}/pointwise_ops.g.h"] = KernelEmitter.PointwiseList(table),
        [$"{generated}/op_list.g.h"] = KernelEmitter.OpList(table),
        [$"{managed}/Enums.g.cs"] = CSharpEmitter.Enums(table),
        [$"{docs}/README.md"] = DocsEmitter.Index(table),
    };
    foreach (var family in table.Families)
    {
        outputs[$"{generated}/ops_{family.Slug}.g.cpp"] = CppEmitter.Functions(family);
        outputs[$"{docs}/{family.Slug}.md"] = DocsEmitter.Page(family);
    }
    foreach (var (name, text) in CSharpEmitter.Classes(table))
        outputs[$"{managed}/{name}.Ops.g.cs"] = text;
    return outputs;
}

// Files of families and classes that the table may no longer have.
static IEnumerable<string> Stale(string root) =>
    from place in new[] { ("native/src/generated", "ops_*.g.cpp"), ("managed/TorchScratch/Generated", "*.Ops.g.cs"), ("docs/reference", "*.md") }
    let directory = Path.Combine(root, place.Item1)
    where Directory.Exists(directory)
    from file in Directory.EnumerateFiles(directory, place.Item2)
    select $"{place.Item1}/{Path.GetFileName(file)}";

static string? FindRoot(string directory) =>
    File.Exists(Path.Combine(directory, "native", "ops.yaml")) ? directory
    : Path.GetDirectoryName(directory) is { } parent ? FindRoot(parent) : null;

static int Fail(params string[] problems)
{
    foreach (var problem in problems)
        Console.Error.WriteLine("error: " + problem);
    return 1;
}
