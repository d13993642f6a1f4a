// A line that tells how far something is: a bar that moves on a terminal, a few plain lines elsewhere.

using System.Diagnostics;
using System.Globalization;

namespace TorchScratch.Training;

/// <summary>A progress bar on one line of a terminal; where the output is a file or a pipe, a plain line now and
/// then.</summary>
/// <param name="output">Where to; only <see cref="Console.Out"/> can be a terminal.</param>
public sealed class ProgressLine(TextWriter output) : IDisposable
{
    private const int Width = 20;

    // Often enough to look alive on a terminal, seldom enough to be read in a log.
    private static readonly TimeSpan TerminalInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan PlainInterval = TimeSpan.FromSeconds(2);

    private readonly bool _isTerminal = output == Console.Out && !Console.IsOutputRedirected &&
        Environment.GetEnvironmentVariable("TERM") != "dumb";
    private readonly Stopwatch _sinceLast = Stopwatch.StartNew();
    private int _shownLength;

    /// <summary>Whether a call of <see cref="Show"/> would print now; spares the caller making a text.</summary>
    public bool IsDue => _sinceLast.Elapsed >= (_isTerminal ? TerminalInterval : PlainInterval);

    /// <summary>Shows a part of 1 and a text, if it is time again.</summary>
    public void Show(double part, string text)
    {
        if (!IsDue)
            return;
        _sinceLast.Restart();
        if (!_isTerminal)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{100 * part,3:0} %  {text}"));
            return;
        }
        var full = (int)Math.Round(Math.Clamp(part, 0, 1) * Width);
        var bar = new string('━', full) + new string('╌', Width - full);
        var line = string.Create(CultureInfo.InvariantCulture, $"{bar} {100 * part,3:0} %  {text}");
        // A line that wraps could not be overwritten.
        line = line[..Math.Min(line.Length, Math.Max(TerminalWidth - 1, 1))];
        output.Write('\r' + line.PadRight(_shownLength));
        output.Flush();
        _shownLength = line.Length;
    }

    /// <summary>Takes the line away, so that another text can stand in its place.</summary>
    public void Clear()
    {
        // What stands there now is to be read before the next line comes.
        _sinceLast.Restart();
        if (_shownLength == 0)
            return;
        output.Write('\r' + new string(' ', _shownLength) + '\r');
        _shownLength = 0;
    }

    /// <summary>Takes the line away.</summary>
    public void Dispose() => Clear();

    // Some terminals do not know, and say 0.
    private static int TerminalWidth => Console.WindowWidth is > 0 and var width ? width : 80;
}
