// A progress bar on a terminal, occasional plain lines elsewhere.

using System.Diagnostics;
using System.Globalization;

namespace TorchScratch.Training;

/// <summary>
/// A progress bar on one line of a terminal; if the output is a file or a pipe, a plain line every few seconds.
/// </summary>
/// <param name="output">Receives the text; only <see cref="Console.Out"/> can be a terminal.</param>
public sealed class ProgressLine(TextWriter output) : IDisposable
{
    private const int Width = 20;

    // Frequent on a terminal; rare in a log, which should stay readable.
    private static readonly TimeSpan TerminalInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan PlainInterval = TimeSpan.FromSeconds(2);

    private readonly bool _isTerminal = output == Console.Out && !Console.IsOutputRedirected &&
        Environment.GetEnvironmentVariable("TERM") != "dumb";
    private readonly Stopwatch _sinceLast = Stopwatch.StartNew();
    private readonly TextWriter _output = output ?? throw new ArgumentNullException(nameof(output));
    private int _shownLength;

    /// <summary>
    /// Whether <see cref="Show"/> would print now; lets callers avoid building a text that is not shown.
    /// </summary>
    public bool IsDue => _sinceLast.Elapsed >= (_isTerminal ? TerminalInterval : PlainInterval);

    /// <summary>Shows a fraction in [0, 1] and a text, if enough time has passed since the last one.</summary>
    public void Show(double part, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (!IsDue)
            return;
        _sinceLast.Restart();
        if (!_isTerminal)
        {
            _output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{100 * part,3:0} %  {text}"));
            return;
        }
        var full = (int)Math.Round(Math.Clamp(part, 0, 1) * Width);
        var bar = new string('━', full) + new string('╌', Width - full);
        var line = string.Create(CultureInfo.InvariantCulture, $"{bar} {100 * part,3:0} %  {text}");
        // A line that wraps cannot be overwritten.
        line = line[..Math.Min(line.Length, Math.Max(TerminalWidth - 1, 1))];
        _output.Write('\r' + line.PadRight(_shownLength));
        _output.Flush();
        _shownLength = line.Length;
    }

    /// <summary>Clears the line, so that other text can be written in its place.</summary>
    public void Clear()
    {
        // What is printed next should stay readable for a while before the bar returns.
        _sinceLast.Restart();
        if (_shownLength == 0)
            return;
        _output.Write('\r' + new string(' ', _shownLength) + '\r');
        _shownLength = 0;
    }

    /// <summary>Clears the line.</summary>
    public void Dispose() => Clear();

    // Some terminals do not know their width and report 0.
    private static int TerminalWidth => Console.WindowWidth is > 0 and var width ? width : 80;
}
