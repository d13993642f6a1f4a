// What the user chose.

namespace TorchScratch.Examples.CustomOp;

/// <summary>The operator's parameter, the seed of its numbers, and what is timed.</summary>
internal sealed record Options(double Beta, int Size, int Repeats, ulong Seed, string? Trace);
