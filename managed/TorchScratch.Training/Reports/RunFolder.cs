// The folder of a run: logged values, event file, report and checkpoint.

namespace TorchScratch.Training;

/// <summary>
/// A folder with <c>metrics.csv</c>, an event file for TensorBoard, <c>report.html</c> and usually a
/// checkpoint. A training loop without a trainer calls <see cref="Log"/> every so many steps and
/// <see cref="WriteReport"/> after each epoch.
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

    /// <summary>The full path of the folder.</summary>
    public string Path { get; }

    /// <summary>The path for the checkpoint of the run.</summary>
    public string CheckpointPath => System.IO.Path.Combine(Path, "checkpoint.safetensors");

    /// <summary>The path of the report.</summary>
    public string ReportPath => System.IO.Path.Combine(Path, "report.html");

    /// <summary>The report; what it shows in addition to the curves is set here.</summary>
    public Report Report { get; }

    /// <summary>All logged values.</summary>
    public IReadOnlyList<MetricsRow> Rows => _table.Rows;

    /// <summary>
    /// Creates the folder of a new run. A folder that already holds a run is renamed by appending a number.
    /// </summary>
    /// <exception cref="TensorIOException">The folder cannot be created or renamed.</exception>
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
            throw new TensorIOException($"{folder}: the run's folder cannot be created: {e.Message}", e);
        }
        return new RunFolder(folder);
    }

    /// <summary>Opens the folder of a run that is resumed, and creates it if it does not exist.</summary>
    /// <exception cref="TensorIOException">
    /// The folder cannot be opened or created, or its metrics.csv is damaged.
    /// </exception>
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

    /// <summary>Logs values at a step.</summary>
    /// <param name="step">Number of optimizer steps so far.</param>
    /// <param name="epoch">The epoch, from 0.</param>
    /// <param name="values">The values; the part of a name before a slash groups them, as in <c>train/loss</c>.</param>
    /// <exception cref="ArgumentException">
    /// A name is empty, occurs twice, or contains a comma, a quote or a line break; nothing was written.
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

    /// <summary>Removes what was logged after a step, from which a run is resumed.</summary>
    public void CutAfter(long step)
    {
        _table.CutAfter(step);
        _events?.Dispose();
        _events = null;
        _purgeFrom = step + 1;
    }

    /// <summary>Writes buffered rows to the files, so that they survive the end of the process.</summary>
    /// <exception cref="TensorIOException">A file cannot be written.</exception>
    public void Flush() => Write(() =>
    {
        _table.Flush();
        _events?.Flush();
    });

    /// <summary>Writes report.html. The old report is replaced only when the new one is complete.</summary>
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

    // Created with the first event, when it is known whether the run is resumed.
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
            throw new TensorIOException($"{Path}: the run's log cannot be written: {e.Message}", e);
        }
    }

    private static void CheckNames(IReadOnlyList<NamedValue> values)
    {
        var seen = new HashSet<string>();
        foreach (var (name, _, _) in values)
        {
            Metric.CheckName(name, nameof(values));
            if (!seen.Add(name))
                throw new ArgumentException($"two values of one step are called '{name}'", nameof(values));
        }
    }

    private static string FullPath(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path));
    }
}
