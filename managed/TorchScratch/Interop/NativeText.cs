// Strings allocated by native code.

using System.Runtime.InteropServices;
using TorchScratch.Interop;

namespace TorchScratch;

internal static unsafe class NativeText
{
    /// <summary>Converts a native string and frees it.</summary>
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
