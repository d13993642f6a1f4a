// Thrown for a case that cannot be run, with the reason.

namespace TorchScratch.Conformance.Training;

internal sealed class UnsupportedException(string reason) : Exception(reason);
