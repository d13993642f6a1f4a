// A string as zero-terminated UTF-8 for the C ABI.

using System.Runtime.InteropServices;

namespace TorchScratch;

/// <summary>Owns a native copy of a string until it is disposed.</summary>
internal readonly unsafe ref struct Utf8Lease(string? text)
{
    /// <summary>The native string; 0 for null.</summary>
    internal readonly nint Pointer = Marshal.StringToCoTaskMemUTF8(text);

    public void Dispose() => Marshal.ZeroFreeCoTaskMemUTF8(Pointer);
}
