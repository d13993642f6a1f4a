// The error of a state dict that does not fit.

using System.Text;

namespace TorchScratch.NN;

/// <summary>A state dict does not fit a model, an optimizer or a scheduler. Nothing was loaded.</summary>
public sealed class StateDictException : TorchScratchException
{
    internal StateDictException(string model, IReadOnlyList<string> missing, IReadOnlyList<string> unexpected,
        IReadOnlyList<string> mismatches)
        : base(Explain(model, missing, unexpected, mismatches))
    {
        MissingKeys = missing;
        UnexpectedKeys = unexpected;
        Mismatches = mismatches;
    }

    /// <summary>Names that are expected and missing from the state.</summary>
    public IReadOnlyList<string> MissingKeys { get; }

    /// <summary>Names in the state that are not expected.</summary>
    public IReadOnlyList<string> UnexpectedKeys { get; }

    /// <summary>Tensors with the wrong shape: the name, the expected shape and the actual one.</summary>
    public IReadOnlyList<string> Mismatches { get; }

    private static string Explain(string model, IReadOnlyList<string> missing, IReadOnlyList<string> unexpected,
        IReadOnlyList<string> mismatches)
    {
        var message = new StringBuilder($"The state does not fit {model}; nothing was loaded.");
        Append("missing", missing);
        Append("unexpected", unexpected);
        Append("of another shape", mismatches);
        return message.ToString();

        void Append(string what, IReadOnlyList<string> names)
        {
            if (names.Count > 0)
                message.Append('\n').Append(what).Append(": ").AppendJoin("; ", names);
        }
    }
}
