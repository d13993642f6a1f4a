// Where in a folder the fixtures are: in itself, or in its sub-folders ops/ and training/.

using TorchScratch.Conformance.Training;

namespace TorchScratch.Conformance.Fixtures;

/// <summary>The folders with fixtures of either kind.</summary>
/// <param name="Operators">Those with operators' fixtures.</param>
/// <param name="Training">Those with training fixtures.</param>
internal sealed record FixtureFolders(string[] Operators, string[] Training)
{
    public static FixtureFolders Find(string directory)
    {
        string[] candidates = [directory, Path.Combine(directory, "ops"), Path.Combine(directory, "training")];
        candidates = Array.FindAll(candidates, Directory.Exists);
        return new(Array.FindAll(candidates, folder => OperatorFixture.OperatorsIn(folder).Length > 0),
            Array.FindAll(candidates, folder => TrainingFile.NamesIn(folder).Length > 0));
    }
}
