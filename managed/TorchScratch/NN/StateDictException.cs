// The error of a checkpoint that does not fit.

using System.Text;

namespace TorchScratch.NN;

/// <summary>A checkpoint and a model do not fit together. Nothing was loaded.</summary>
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

    /// <summary>Names that the model has and the checkpoint has not.</summary>
    public IReadOnlyList<string> MissingKeys { get; }

    /// <summary>Names that the checkpoint has and the model has not.</summary>
    public IReadOnlyList<string> UnexpectedKeys { get; }

    /// <summary>Tensors of another shape: the name, what was expected and what came.</summary>
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
