// The suite under dotnet test: one test for each operator and for each file of training fixtures.

using NUnit.Framework;
using TorchScratch.Conformance.Checks;
using TorchScratch.Conformance.Fixtures;
using TorchScratch.Conformance.Reports;
using TorchScratch.Conformance.Training;

namespace TorchScratch.Conformance;

/// <summary>Runs the fixtures in $TORCHSCRATCH_CONFORMANCE, or those in tests/golden.</summary>
[TestFixture]
public class ConformanceTests
{
    private static readonly Settings Settings = Settings.Parse([])!;

    private static readonly FixtureFolders Folders = FixtureFolders.Find(Settings.Directory);

    private static IEnumerable<object[]> Operators => Folders.Operators.SelectMany(folder =>
        OperatorFixture.OperatorsIn(folder).Select(name => new object[] { folder, name }));

    private static IEnumerable<object[]> TrainingFiles => Folders.Training.SelectMany(folder =>
        TrainingFile.NamesIn(folder).Select(name => new object[] { folder, name }));

    [TestCaseSource(nameof(Operators))]
    public void MatchesPyTorch(string folder, string name) => Check(OperatorRunner.Run(folder, name));

    [TestCaseSource(nameof(TrainingFiles))]
    public void TrainsAsPyTorch(string folder, string name)
    {
        Assert.Multiple(() =>
        {
            foreach (var result in TrainingRunner.Run(folder, name))
                Check(result);
        });
    }

    private static void Check(OperatorResult result)
    {
        if (!result.IsKnown)
            Assert.Ignore($"there is no method for {result.Operator}");
        Assert.That(result.Failures.Select(failure => $"{failure.Name}: {failure.Call}: {failure.Message}"), Is.Empty);
        TestContext.Out.WriteLine(result.Summary);
    }
}
