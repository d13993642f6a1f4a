// Anomaly mode: every recorded node stores the C# stack trace of the call that created it.

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchScratch.Interop;

namespace TorchScratch;

/// <summary>
/// Keeps anomaly mode on until it is disposed; see <see cref="Autograd.DetectAnomaly"/>. Scopes may overlap.
/// </summary>
public sealed unsafe class AnomalyScope : IDisposable
{
    private static readonly Lock Gate = new();
    private static readonly List<AnomalyScope> Open = [];

    private readonly bool _checkNan;

    internal AnomalyScope(bool checkNan)
    {
        _checkNan = checkNan;
        lock (Gate)
        {
            Open.Add(this);
            Apply();
        }
    }

    /// <summary>Turns the mode off, unless another scope is still open.</summary>
    public void Dispose()
    {
        lock (Gate)
        {
            if (Open.Remove(this))
                Apply();
        }
    }

    private static void Apply() => Native.ts_set_anomaly_mode(Marshalling.Code(Open.Count > 0),
        Marshalling.Code(Open.Exists(scope => scope._checkNan)),
        (nint)(delegate* unmanaged[Cdecl]<void*, nint>)&Trace, null);

    // Native code copies the text immediately, so one buffer per thread is enough.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint Trace(void* user)
    {
        try
        {
            return (buffer ??= new()).Set(CallerStack(Environment.StackTrace));
        }
        catch (Exception)
        {
            // A missing stack trace must not make the call fail.
            return 0;
        }
    }

    // The frames from the caller of the operator on, without the library's.
    private static string CallerStack(string stack)
    {
        var lines = stack.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var first = Array.FindLastIndex(lines,
            line => line.Contains(" TorchScratch.Tensor.", StringComparison.Ordinal) ||
            line.Contains(" TorchScratch.NN.Functional.", StringComparison.Ordinal));
        return string.Join('\n', lines[Math.Min(first + 1, lines.Length - 1)..].Select(line => line.TrimEnd()));
    }

    [ThreadStatic]
    private static TextBuffer? buffer;

    private sealed class TextBuffer
    {
        private nint _text;

        ~TextBuffer() => Marshal.FreeCoTaskMem(_text);

        public nint Set(string text)
        {
            Marshal.FreeCoTaskMem(_text);
            return _text = Marshal.StringToCoTaskMemUTF8(text);
        }
    }
}
