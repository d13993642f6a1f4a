// What a module did not load of a state.

namespace TorchScratch.NN;

/// <summary>
/// What <see cref="Module.LoadStateDict"/> did not load. All lists are empty if the state fitted the module exactly.
/// </summary>
/// <param name="MissingKeys">Names that the module has and the state lacks; their values stayed as they were.</param>
/// <param name="UnexpectedKeys">Names that the state has and the module lacks.</param>
/// <param name="MismatchedKeys">Names whose tensors have another shape; their values stayed as they were.</param>
public sealed record LoadResult(IReadOnlyList<string> MissingKeys, IReadOnlyList<string> UnexpectedKeys,
    IReadOnlyList<string> MismatchedKeys)
{
    /// <summary>Whether everything was loaded and nothing was left over.</summary>
    public bool IsComplete => MissingKeys.Count + UnexpectedKeys.Count + MismatchedKeys.Count == 0;

    /// <summary>All names, for a log.</summary>
    public override string ToString() => IsComplete
        ? "all keys matched"
        : $"missing: [{string.Join(", ", MissingKeys)}], unexpected: [{string.Join(", ", UnexpectedKeys)}], " +
            $"mismatched: [{string.Join(", ", MismatchedKeys)}]";
}
