// The sizes of a network.

namespace TorchScratch.Examples.CharacterGpt;

/// <summary>The sizes that determine the parameters of a GPT.</summary>
/// <param name="Vocabulary">The number of different tokens.</param>
/// <param name="Block">The number of positions that it sees at once.</param>
/// <param name="Width">The number of features of a token.</param>
/// <param name="Heads">The number of attention heads, a divisor of the width.</param>
/// <param name="Layers">The number of layers.</param>
internal sealed record GptShape(int Vocabulary, int Block = 128, int Width = 256, int Heads = 8, int Layers = 4);
