// What a fuzzer gives to the harness: cases by number.

namespace TorchScratch.Fuzz;

/// <summary>Makes cases. The same seed always makes the same case.</summary>
public interface IFuzzer
{
    /// <summary>Makes the case of a seed without running it.</summary>
    IFuzzCase Make(ulong seed);

    /// <summary>How much there is to fuzz, for the first line of the output.</summary>
    string Describe();
}

/// <summary>One call, or one file that is read.</summary>
public interface IFuzzCase
{
    /// <summary>What is fuzzed: a member of the API or a reader. Findings are summed up by it.</summary>
    string Subject { get; }

    /// <summary>How to repeat the case without the fuzzer: the call as C#, or the steps that made the file.</summary>
    string Text { get; }

    /// <summary>Runs the case; null if all is as it should be.</summary>
    Finding? Run();
}

/// <summary>Something that must not happen.</summary>
/// <param name="Kind">A few words: "foreign exception", "depends on threads".</param>
/// <param name="Message">What happened.</param>
public sealed record Finding(string Kind, string Message);
