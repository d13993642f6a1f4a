// Training progress on the console: a progress bar on a terminal, occasional plain lines elsewhere.

using System.Globalization;

namespace TorchScratch.Training;

/// <summary>
/// Shows a trainer's progress: during an epoch a bar with speed, loss and metrics, and after it a
/// line with the results.
/// </summary>
public sealed class ConsoleProgress : IProgress<TrainingProgress>, IDisposable
{
    private readonly TextWriter _output;
    private readonly ProgressLine _line;

    /// <summary>Writes to the standard output, or to another writer, which receives plain lines.</summary>
    public ConsoleProgress(TextWriter? output = null)
    {
        _output = output ?? Console.Out;
        _line = new ProgressLine(_output);
    }

    /// <inheritdoc/>
    public void Report(TrainingProgress value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var epoch = string.Create(CultureInfo.InvariantCulture, $"epoch {value.Epoch + 1}/{value.Epochs}");
        if (value.Phase == TrainingPhase.EpochEnd)
        {
            _line.Clear();
            var values = value.Values.Where(entry => entry.Name != "learning rate");
            _output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{epoch}  {string.Join("  ", values)}  {value.Elapsed.TotalSeconds:0.0} s"));
        }
        else if (_line.IsDue)
        {
            var phase = value.Phase == TrainingPhase.Validation ? "testing" : "training";
            _line.Show((double)value.Batch / Math.Max(1, value.Batches), string.Create(CultureInfo.InvariantCulture,
                $"{epoch}  {phase} {value.Batch}/{value.Batches}  {value.BatchesPerSecond:0} batches/s  " +
                $"{string.Join("  ", value.Values)}"));
        }
    }

    /// <summary>Clears the progress bar.</summary>
    public void Dispose() => _line.Dispose();
}
