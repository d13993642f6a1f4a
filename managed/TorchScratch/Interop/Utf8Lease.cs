// A string as the zero-terminated UTF-8 that the C ABI takes.

using System.Runtime.InteropServices;

namespace TorchScratch;

/// <summary>Holds the native copy of a string until it is disposed.</summary>
internal readonly unsafe ref struct Utf8Lease(string? text)
{
    /// <summary>The text; 0 for null.</summary>
    internal readonly nint Pointer = Marshal.StringToCoTaskMemUTF8(text);

    public void Dispose() => Marshal.ZeroFreeCoTaskMemUTF8(Pointer);
}
