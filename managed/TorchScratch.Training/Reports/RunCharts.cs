// Groups the logged values of a run into charts.

namespace TorchScratch.Training;

/// <summary>
/// Groups values by the part of the name after the slash: <c>train/loss</c> and <c>validation/loss</c> share a chart.
/// </summary>
internal static class RunCharts
{
    private const string StepGroup = "step";

    public static IEnumerable<LineChart> Of(IReadOnlyList<MetricsRow> rows)
    {
        var figures = new OrderedDictionary<string, List<(string Group, string Figure, bool IsFraction)>>();
        foreach (var value in rows.SelectMany(row => row.Values).DistinctBy(value => value.Name))
        {
            var (group, name) = Parts(value.Name);
            if (!figures.TryGetValue(name, out var list))
                figures.Add(name, list = []);
            list.Add((group, value.Name, IsFraction(rows, value.Name)));
        }
        foreach (var (name, list) in figures)
        {
            // Means over an epoch come before the noisy values of single steps.
            var lines = list.OrderBy(entry => entry.Group == StepGroup)
                .Select(entry => Curve(rows, entry.Figure, Label(entry.Group, name), entry.Group == StepGroup))
                .Where(line => line.Points.Count > 0).ToArray();
            if (lines.Length > 0)
            {
                yield return new(Capital(name), "step", list.TrueForAll(entry => entry.IsFraction) ? "%" : "", lines,
                    name.EndsWith("loss", StringComparison.Ordinal));
            }
        }
    }

    /// <exception cref="ArgumentException">A row is null, or a value has no name.</exception>
    public static void Check(IReadOnlyList<MetricsRow> rows, string parameter)
    {
        for (var r = 0; r < rows.Count; r++)
        {
            if (rows[r]?.Values is not { } values)
                throw new ArgumentException($"row {r} is null or has no values", parameter);
            if (values.Any(value => value.Name is null))
                throw new ArgumentException($"row {r} has a value without a name", parameter);
        }
    }

    /// <summary>A chart of one value in several runs.</summary>
    public static LineChart Comparison(IReadOnlyList<(string Name, IReadOnlyList<MetricsRow> Rows)> runs, string figure)
    {
        var (group, name) = Parts(figure);
        var isShare = runs.Any(run => IsFraction(run.Rows, figure));
        var title = group.Length == 0 ? Capital(name) : $"{Capital(name)}, {Label(group, name)}";
        return new(title, "step", isShare ? "%" : "",
            [.. runs.Select(run => Curve(run.Rows, figure, run.Name)).Where(line => line.Points.Count > 0)],
            name.EndsWith("loss", StringComparison.Ordinal));
    }

    /// <summary>The curve of one value over the steps; fractions are shown in percent.</summary>
    public static ChartLine Curve(IReadOnlyList<MetricsRow> rows, string figure, string label, bool isFaint = false)
    {
        var points = new List<(double X, double Y)>();
        var scale = IsFraction(rows, figure) ? 100 : 1;
        foreach (var row in rows)
        {
            foreach (var value in row.Values)
            {
                if (value.Name == figure && double.IsFinite(value.Value))
                    points.Add((row.Step, value.Value * scale));
            }
        }
        return new(label, points, isFaint);
    }

    // metrics.csv does not store whether a value is a fraction, so rows that were read back are recognized by name.
    private static bool IsFraction(IReadOnlyList<MetricsRow> rows, string figure) =>
        rows.Any(row => row.Values.Any(value => value.Name == figure && value.IsFraction)) ||
        Parts(figure).Name is "accuracy" or "F1" || figure.EndsWith(" accuracy", StringComparison.Ordinal);

    private static (string Group, string Name) Parts(string figure) =>
        figure.IndexOf('/', StringComparison.Ordinal) is > 0 and var slash ? (figure[..slash], figure[(slash + 1)..])
        : ("", figure);

    private static string Label(string group, string name) => group switch
    {
        "" => name,
        StepGroup => "single steps",
        _ => group,
    };

    private static string Capital(string name) => name.Length == 0 ? "" : char.ToUpperInvariant(name[0]) + name[1..];
}
