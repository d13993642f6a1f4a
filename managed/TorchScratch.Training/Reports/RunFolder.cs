// Where a run leaves what can be looked at: figures, curves, a report, its checkpoint.

namespace TorchScratch.Training;

/// <summary>
/// A folder with <c>metrics.csv</c>, an event file for TensorBoard, <c>report.html</c>, and place for a checkpoint.
/// Plain loops use it as the trainer does: <see cref="Log"/> now and then, <see cref="WriteReport"/> after each epoch.
/// </summary>
public sealed class RunFolder : IDisposable
{
    private readonly MetricsTable _table;
    private EventFile? _events;
    private long? _purgeFrom;

    private RunFolder(string path)
    {
        Path = path;
        _table = new MetricsTable(System.IO.Path.Combine(path, "metrics.csv"));
        Report = new Report { Title = System.IO.Path.GetFileName(path) };
    }

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>Where its checkpoint has its place.</summary>
    public string CheckpointPath => System.IO.Path.Combine(Path, "checkpoint.safetensors");

    /// <summary>The report's page.</summary>
    public string ReportPath => System.IO.Path.Combine(Path, "report.html");

    /// <summary>What the report shows beside the curves.</summary>
    public Report Report { get; }

    /// <summary>All that was logged.</summary>
    public IReadOnlyList<MetricsRow> Rows => _table.Rows;

    /// <summary>A folder for a new run. One that holds a run already is renamed, to the same name with a number
    /// behind.</summary>
    /// <exception cref="TensorIOException">The folder cannot be made.</exception>
    public static RunFolder Create(string path)
    {
        var folder = FullPath(path);
        try
        {
            if (File.Exists(System.IO.Path.Combine(folder, "metrics.csv")) ||
                File.Exists(System.IO.Path.Combine(folder, "report.html")))
            {
                var number = 1;
                while (System.IO.Path.Exists($"{folder}.{number}"))
                    number++;
                Directory.Move(folder, $"{folder}.{number}");
            }
            Directory.CreateDirectory(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TensorIOException($"{folder}: the run's folder cannot be made: {e.Message}", e);
        }
        return new RunFolder(folder);
    }

    /// <summary>The folder of a run that goes on.</summary>
    /// <exception cref="TensorIOException">The folder cannot be made, or its metrics.csv is damaged.</exception>
    public static RunFolder Open(string path)
    {
        var folder = FullPath(path);
        try
        {
            Directory.CreateDirectory(folder);
            return new RunFolder(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TensorIOException($"{folder}: the run's folder cannot be opened: {e.Message}", e);
        }
    }

    /// <summary>Writes figures of a step.</summary>
    /// <param name="step">Steps of the optimizer before.</param>
    /// <param name="epoch">The epoch, from 0.</param>
    /// <param name="values">Figures; what is before a slash groups them, as in <c>train/loss</c>.</param>
    /// <exception cref="ArgumentException">
    /// A name is empty, is there twice, or has a comma, a quote or a line break; nothing was written.
    /// </exception>
    /// <exception cref="TensorIOException">A file cannot be written.</exception>
    public void Log(long step, int epoch, IReadOnlyList<NamedValue> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        CheckNames(values);
        Write(() =>
        {
            _table.Add(new(step, epoch, values));
            foreach (var value in values)
                Events.AddScalar(step, value.Name, value.Value);
        });
    }

    /// <summary>Drops what was logged after a step, as when a run goes on from there.</summary>
    public void CutAfter(long step)
    {
        _table.CutAfter(step);
        _events?.Dispose();
        _events = null;
        _purgeFrom = step + 1;
    }

    /// <summary>Hands all rows to the system, so that they outlive the process.</summary>
    /// <exception cref="TensorIOException">A file cannot be written.</exception>
    public void Flush() => Write(() =>
    {
        _table.Flush();
        _events?.Flush();
    });

    /// <summary>Writes report.html anew, complete or not at all.</summary>
    /// <param name="metrics">Metrics to show in full: confusion matrices and ROC curves.</param>
    /// <exception cref="TensorIOException">The file cannot be written.</exception>
    public void WriteReport(IReadOnlyList<Metric>? metrics = null)
    {
        Flush();
        Report.Save(ReportPath, Rows, metrics ?? []);
    }

    /// <summary>Closes the files.</summary>
    public void Dispose()
    {
        _table.Dispose();
        _events?.Dispose();
    }

    // Made with the first event, when it is known whether the run goes on.
    private EventFile Events
    {
        get
        {
            if (_events is null)
            {
                _events = new EventFile(Path, _purgeFrom);
                if (Report.ModelSummary is { } summary)
                    _events.AddText(0, "model", $"```\n{summary}\n```");
            }
            return _events;
        }
    }

    private void Write(Action write)
    {
        try
        {
            write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TensorIOException($"{Path}: the run's figures cannot be written: {e.Message}", e);
        }
    }

    private static void CheckNames(IReadOnlyList<NamedValue> values)
    {
        var seen = new HashSet<string>();
        foreach (var (name, _, _) in values)
        {
            Metric.CheckName(name, nameof(values));
            if (!seen.Add(name))
                throw new ArgumentException($"two figures of one step are called '{name}'", nameof(values));
        }
    }

    private static string FullPath(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path));
    }
}
