// A string as zero-terminated UTF-8 for the C ABI.

using System.Runtime.InteropServices;

namespace TorchScratch;

/// <summary>Owns a native copy of a string until it is disposed.</summary>
internal readonly unsafe ref struct Utf8Lease(string? text)
{
    /// <summary>The native string; 0 for null.</summary>
    internal readonly nint Pointer = ToNative(text);

    /// <summary>A native copy; 0 for null.</summary>
    /// <exception cref="ArgumentException">
    /// The text contains a zero character, at which the core would cut it.
    /// </exception>
    internal static nint ToNative(string? text) => text?.IndexOf('\0') is >= 0 and var at
        ? throw new ArgumentException($"\"{text[..at]}\" goes on after a zero character; remove it", nameof(text))
        : Marshal.StringToCoTaskMemUTF8(text);

    public void Dispose() => Marshal.ZeroFreeCoTaskMemUTF8(Pointer);
}
