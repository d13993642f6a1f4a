// The logged values of a run, row by row, and metrics.csv, the file that holds them.

using System.Globalization;
using System.Text;
using TorchScratch.IO;

namespace TorchScratch.Training;

/// <summary>The values logged at a step.</summary>
/// <param name="Step">Number of optimizer steps so far.</param>
/// <param name="Epoch">The epoch, from 0.</param>
/// <param name="Values">Values with their names.</param>
public sealed record MetricsRow(long Step, int Epoch, IReadOnlyList<NamedValue> Values);

/// <summary>
/// Rows in memory and in a CSV file with columns for step, epoch and each name. Rows are appended; the file is
/// rewritten only when a new name adds a column.
/// </summary>
internal sealed class MetricsTable : IDisposable
{
    private readonly string _path;
    private readonly List<string> _columns = [];
    private readonly List<MetricsRow> _rows = [];
    private StreamWriter? _writer;

    /// <summary>
    /// The table in a file, which need not exist. An incomplete last line, left by a process that was
    /// killed, is dropped.
    /// </summary>
    /// <exception cref="TensorIOException">The file is not such a table.</exception>
    public MetricsTable(string path)
    {
        _path = path;
        if (File.Exists(path))
            Read();
    }

    public IReadOnlyList<MetricsRow> Rows => _rows;

    public void Add(MetricsRow row)
    {
        _rows.Add(row);
        var isNew = false;
        foreach (var value in row.Values)
        {
            if (_columns.Contains(value.Name))
                continue;
            _columns.Add(value.Name);
            isNew = true;
        }
        if (isNew)
        {
            Rewrite();
            return;
        }
        _writer ??= new StreamWriter(_path, append: true);
        _writer.Write(Line(row));
    }

    /// <summary>Drops the rows after a step.</summary>
    public void CutAfter(long step)
    {
        _rows.RemoveAll(row => row.Step > step);
        if (File.Exists(_path))
            Rewrite();
    }

    public void Flush() => _writer?.Flush();

    public void Dispose()
    {
        _writer?.Dispose();
        _writer = null;
    }

    private void Rewrite()
    {
        Dispose();
        var text = new StringBuilder("step,epoch");
        foreach (var column in _columns)
            text.Append(',').Append(column);
        text.Append('\n');
        foreach (var row in _rows)
            text.Append(Line(row));
        WholeFile.Write(_path, text.ToString(), makeFolder: true);
    }

    private string Line(MetricsRow row)
    {
        var line = new StringBuilder(string.Create(CultureInfo.InvariantCulture, $"{row.Step},{row.Epoch}"));
        foreach (var column in _columns)
        {
            line.Append(',');
            foreach (var value in row.Values)
            {
                if (value.Name == column)
                    line.Append(CultureInfo.InvariantCulture, $"{value.Value:R}");
            }
        }
        return line.Append('\n').ToString();
    }

    private void Read()
    {
        var text = File.ReadAllText(_path);
        var lines = text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (lines.Length == 0)
            return;
        var header = lines[0].Split(',');
        if (header is not ["step", "epoch", .. var columns])
            throw new TensorIOException($"{_path}: the first line does not begin with step,epoch; move the file away");
        _columns.AddRange(columns);
        for (var i = 1; i < lines.Length; i++)
        {
            var cells = lines[i].Split(',');
            if (cells.Length != header.Length || !long.TryParse(cells[0], CultureInfo.InvariantCulture, out var step) ||
                !int.TryParse(cells[1], CultureInfo.InvariantCulture, out var epoch))
            {
                throw new TensorIOException($"{_path}: line {i + 1} is not a row of this table: {lines[i]}");
            }
            var values = new List<NamedValue>();
            for (var c = 2; c < cells.Length; c++)
            {
                if (double.TryParse(cells[c], CultureInfo.InvariantCulture, out var value))
                    values.Add(new(header[c], value));
            }
            _rows.Add(new(step, epoch, values));
        }
    }
}
