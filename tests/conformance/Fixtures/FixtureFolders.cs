// Finds the fixtures in a folder: in itself or in its sub-folders ops/, edges/ and training/.

using TorchScratch.Conformance.Training;

namespace TorchScratch.Conformance.Fixtures;

/// <summary>The folders with fixtures of each kind.</summary>
/// <param name="Operators">The folders with fixtures of operators.</param>
/// <param name="Training">The folders with training fixtures.</param>
internal sealed record FixtureFolders(string[] Operators, string[] Training)
{
    private static readonly string[] Names = ["ops", "edges", "training"];

    public static FixtureFolders Find(string directory)
    {
        string[] candidates = [directory, .. Array.ConvertAll(Names, name => Path.Combine(directory, name))];
        candidates = Array.FindAll(candidates, Directory.Exists);
        return new(Array.FindAll(candidates, folder => OperatorFixture.OperatorsIn(folder).Length > 0),
            Array.FindAll(candidates, folder => TrainingFile.NamesIn(folder).Length > 0));
    }
}
