// The suite under dotnet test: one test for each operator.

using NUnit.Framework;
using TorchScratch.Conformance.Checks;
using TorchScratch.Conformance.Fixtures;

namespace TorchScratch.Conformance;

/// <summary>Runs the fixtures of TORCHSCRATCH_CONFORMANCE, or of tests/golden.</summary>
[TestFixture]
public class ConformanceTests
{
    private static readonly Settings Settings = Settings.Parse([])!;

    private static string[] Operators => OperatorFixture.OperatorsIn(Settings.Directory);

    [TestCaseSource(nameof(Operators))]
    public void MatchesPyTorch(string name)
    {
        var result = OperatorRunner.Run(Settings.Directory, name);
        if (!result.IsKnown)
            Assert.Ignore($"there is no method for {name}");
        Assert.That(result.Failures.Select(failure => $"{failure.Name}: {failure.Call}: {failure.Message}"), Is.Empty);
        TestContext.Out.WriteLine(result.Summary);
    }
}
