// Generates text with the network, token by token.

using TorchScratch.Data;
using TorchScratch.NN;

namespace TorchScratch.Examples.CharacterGpt;

/// <summary>Continues a text. Random choices depend on the seed alone.</summary>
/// <param name="model">The network.</param>
/// <param name="tokenizer">The tokenizer of its characters.</param>
/// <param name="temperature">
/// Divides the logits: values below 1 favour likely tokens; 0 always takes the likeliest.
/// </param>
internal sealed class Writer(Gpt model, CharTokenizer tokenizer, double temperature)
{
    /// <summary>Returns the prompt followed by <paramref name="length"/> characters.</summary>
    public string Continue(string prompt, int length, ulong seed)
    {
        using var noGrad = Autograd.NoGrad();
        using var generator = new Generator(seed);
        using var draws = generator.Use();
        var wasTraining = model.IsTraining;
        model.Eval();
        var caches = model.NewCaches();
        try
        {
            var tokens = new List<int>(tokenizer.Encode(prompt));
            var seen = 0;  // tokens in the caches
            while (tokens.Count < prompt.Length + length)
            {
                using var scope = Tensor.Scope();
                if (caches[0].Length + tokens.Count - seen > model.Shape.Block)
                {
                    // The window is full: start again with its second half.
                    foreach (var cache in caches)
                        cache.Truncate(0);
                    seen = tokens.Count - Math.Min(tokens.Count, model.Shape.Block / 2);
                }
                var added = Tensor.FromArray(tokens.Skip(seen).Select(token => (long)token).ToArray()).Unsqueeze(0);
                seen = tokens.Count;
                tokens.Add(Choose(model.Next(added, caches)));
            }
            return tokenizer.Decode([.. tokens]);
        }
        finally
        {
            foreach (var cache in caches)
                cache.Dispose();
            model.Train(wasTraining);
        }
    }

    private int Choose(Tensor logits) => (int)(temperature == 0
        ? logits.ArgMax(-1)
        : (logits / temperature).Softmax(-1).Multinomial(1)).ToInt64();
}
