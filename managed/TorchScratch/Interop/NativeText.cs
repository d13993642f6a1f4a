// Texts that native code hands over.

using System.Runtime.InteropServices;
using TorchScratch.Interop;

namespace TorchScratch;

internal static unsafe class NativeText
{
    /// <summary>The text, whose native copy is freed.</summary>
    internal static string Take(byte* text)
    {
        try
        {
            return Marshal.PtrToStringUTF8((nint)text)!;
        }
        finally
        {
            Native.ts_string_free(text);
        }
    }
}
