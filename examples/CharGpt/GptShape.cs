// The size of a network.

namespace TorchScratch.Examples.CharacterGpt;

/// <summary>The numbers that decide a GPT's parameters.</summary>
/// <param name="Vocabulary">Tokens there are.</param>
/// <param name="Block">Positions that it sees at once.</param>
/// <param name="Width">Features of a token.</param>
/// <param name="Heads">Attention heads, a divisor of the width.</param>
/// <param name="Layers">Layers one behind the other.</param>
internal sealed record GptShape(int Vocabulary, int Block = 128, int Width = 256, int Heads = 8, int Layers = 4);
