// The suite as a program: runs the fixtures in a directory and prints the results. The exit code is 1 if there are
// failures and 2 if there is nothing to run.

using TorchScratch;
using TorchScratch.Conformance;
using TorchScratch.Conformance.Checks;
using TorchScratch.Conformance.Fixtures;
using TorchScratch.Conformance.Reports;
using TorchScratch.Conformance.Training;

if (Settings.Parse(args) is not { } settings)
{
    Console.Error.WriteLine(Settings.Usage);
    return 2;
}
if (!Directory.Exists(settings.Directory))
{
    Console.Error.WriteLine($"There is no folder {settings.Directory}.");
    return 2;
}
var folders = FixtureFolders.Find(settings.Directory);
(string Folder, string Name)[] operators = [.. folders.Operators.SelectMany(folder =>
    OperatorFixture.OperatorsIn(folder).Select(name => (folder, name)))];
(string Folder, string Name)[] training = [.. folders.Training.SelectMany(folder =>
    TrainingFile.NamesIn(folder).Select(name => (folder, name)))];
if (settings.Operator is { } only)
{
    operators = Array.FindAll(operators, entry => entry.Name == only);
    training = Array.FindAll(training, entry => entry.Name == only);
}
if (operators.Length + training.Length == 0)
{
    var which = settings.Operator is null ? "fixtures" : $"fixtures of {settings.Operator}";
    Console.Error.WriteLine($"There are no {which} in {settings.Directory}, nor in ops/ and training/ below it.");
    return 2;
}
// Checked first: without the native library, every operator would fail for the same reason.
try
{
    Tensor.FromScalar(0).Dispose();
}
catch (TypeInitializationException exception)
{
    Console.Error.WriteLine(exception.InnerException?.Message ?? exception.Message);
    return 2;
}
// Whatever is read and made from here on is on the device.
var deviceScope = default(DeviceScope);
try
{
    deviceScope = Device.Use(Device.Parse(settings.Device));
}
catch (TorchScratchException exception)
{
    Console.Error.WriteLine(exception.Message);
    return 2;
}
if (Device.Default.IsCuda)
    Console.WriteLine($"device {Device.Default}: {Cuda.GetProperties(Device.Default.Index).Name}");

var results = new List<OperatorResult>(operators.Length);
foreach (var (folder, name) in operators)
{
    // If native code ends the process, the last line says where.
    if (settings.Verbose)
        Console.WriteLine($"running {name}");
    results.Add(OperatorRunner.Run(folder, name));
}
foreach (var (folder, name) in training)
    results.AddRange(TrainingRunner.Run(folder, name));
if (settings.JsonPath is { } path)
    JsonReport.Write(path, results);
TextReport.Write(Console.Out, results, settings.Verbose);
deviceScope.Dispose();
return results.Exists(result => result.Failed > 0) ? 1 : 0;
