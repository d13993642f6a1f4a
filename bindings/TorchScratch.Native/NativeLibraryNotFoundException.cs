// Thrown when libtorchscratch is missing.

namespace TorchScratch;

/// <summary>libtorchscratch was not found or could not be loaded. The message lists every location tried.</summary>
public sealed class NativeLibraryNotFoundException : DllNotFoundException
{
    internal NativeLibraryNotFoundException(string message) : base(message)
    {
    }
}
