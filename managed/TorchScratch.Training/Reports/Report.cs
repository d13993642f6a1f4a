// The contents of a report.

using System.Runtime.InteropServices;
using TorchScratch.IO;

namespace TorchScratch.Training;

/// <summary>
/// A self-contained HTML page about a run: curves, confusion matrix, samples and the model. It opens from disk in any
/// browser and loads nothing from the network.
/// </summary>
public sealed class Report
{
    private readonly List<SampleImage> _samples = [];
    private readonly List<(string Heading, string Text)> _texts = [];
    private readonly List<HeatMap> _heatMaps = [];
    private readonly List<LineChart> _charts = [];

    /// <summary>The headline.</summary>
    public string Title { get; set => field = value ?? throw new ArgumentNullException(nameof(value)); } = "Training";

    /// <summary>A sentence below it.</summary>
    public string Subtitle { get; set => field = value ?? throw new ArgumentNullException(nameof(value)); } = "";

    /// <summary>The options of the run, in the order in which they are shown.</summary>
    public IDictionary<string, string> HyperParameters { get; } = new OrderedDictionary<string, string>();

    /// <summary>The model as a table, as from <c>model.Summary(input).ToString()</c>; null for none.</summary>
    public string? ModelSummary { get; set; }

    /// <summary>Charts in addition to those of the run's own values.</summary>
    public IList<LineChart> Charts => _charts;

    /// <summary>Heat maps, for example of attention weights.</summary>
    public IList<HeatMap> HeatMaps => _heatMaps;

    internal IReadOnlyList<SampleImage> Samples => _samples;

    internal IReadOnlyList<(string Heading, string Text)> Texts => _texts;

    /// <summary>Adds an image with the model's prediction.</summary>
    /// <param name="image">
    /// (H, W), (1, H, W) or (3, H, W); the smallest value is shown black, the largest white.
    /// </param>
    /// <param name="prediction">The predicted class.</param>
    /// <param name="truth">The true class; null if unknown.</param>
    /// <param name="confidence">The model's probability of the prediction, in [0, 1]; NaN for none.</param>
    /// <exception cref="ShapeException">The tensor does not have the shape of an image.</exception>
    public void AddSample(Tensor image, string prediction, string? truth = null, double confidence = double.NaN)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(prediction);
        _samples.Add(new(PngImage.DataAddress(image), prediction, truth, confidence));
    }

    /// <summary>Adds a text, for example one that a language model generated.</summary>
    public void AddText(string heading, string text)
    {
        ArgumentNullException.ThrowIfNull(heading);
        ArgumentNullException.ThrowIfNull(text);
        _texts.Add((heading, text));
    }

    /// <summary>Adds a chart for each of several logged values, with a line for each run.</summary>
    /// <param name="runs">The runs by name.</param>
    /// <param name="figures">The names of the values, as in <c>validation/accuracy</c>.</param>
    public void Compare(IReadOnlyList<(string Name, IReadOnlyList<MetricsRow> Rows)> runs,
        params IReadOnlyList<string> figures)
    {
        ArgumentNullException.ThrowIfNull(runs);
        ArgumentNullException.ThrowIfNull(figures);
        foreach (var (name, rows) in runs)
        {
            if (name is null || rows is null)
                throw new ArgumentException("a run needs a name and rows", nameof(runs));
            RunCharts.Check(rows, nameof(runs));
        }
        if (figures.Contains(null!))
            throw new ArgumentException("the name of a value must not be null", nameof(figures));
        // All before the first is added, so that an exception adds none.
        _charts.AddRange([.. figures.Select(figure => RunCharts.Comparison(runs, figure))]);
    }

    /// <summary>Removes samples, texts and heat maps, so that those of the next epoch can take their place.</summary>
    public void ClearSamples()
    {
        _samples.Clear();
        _texts.Clear();
        _heatMaps.Clear();
    }

    /// <summary>Writes the page. The file is replaced only when the new page is complete.</summary>
    /// <param name="path">The file.</param>
    /// <param name="rows">The logged values of the run.</param>
    /// <param name="metrics">Metrics to show in full: confusion matrices and ROC curves.</param>
    /// <exception cref="TensorIOException">The file cannot be written.</exception>
    /// <exception cref="ArgumentException">A value has no name.</exception>
    public void Save(string path, IReadOnlyList<MetricsRow> rows, IReadOnlyList<Metric>? metrics = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(rows);
        RunCharts.Check(rows, nameof(rows));
        WholeFile.Write(path, ReportPage.Render(this, rows, metrics ?? []), makeFolder: true);
    }

    /// <summary>The versions and the machine.</summary>
    internal static IEnumerable<(string Name, string Value)> Environment() =>
    [
        ("TorchScratch", Runtime.Version),
        ("kernels", $"{Runtime.SimdTarget}, {Runtime.NumThreads} threads"),
        (".NET", System.Environment.Version.ToString()),
        ("system", $"{RuntimeInformation.OSDescription}, {RuntimeInformation.OSArchitecture}"),
        ("written", DateTimeOffset.Now.ToString("yyyy-MM-dd HH:mm zzz",
            System.Globalization.CultureInfo.InvariantCulture)),
    ];
}

/// <summary>An image as a data: URL, with its prediction.</summary>
internal sealed record SampleImage(string Address, string Prediction, string? Truth, double Confidence);

/// <summary>A matrix shown in colours, for example attention weights.</summary>
/// <param name="Title">The heading.</param>
/// <param name="Values">
/// The matrix (rows, columns). The largest value has the strongest colour; values of 0 and less have none.
/// </param>
/// <param name="RowLabels">A label for each row, such as a token.</param>
/// <param name="ColumnLabels">A label for each column.</param>
public sealed record HeatMap(string Title, double[,] Values, IReadOnlyList<string> RowLabels,
    IReadOnlyList<string> ColumnLabels);

/// <summary>Lines over a common axis.</summary>
/// <param name="Title">The heading.</param>
/// <param name="XLabel">The quantity on the horizontal axis, as in <c>step</c>.</param>
/// <param name="YLabel">The unit of the values, as in <c>%</c>; may be empty.</param>
/// <param name="Lines">The lines.</param>
/// <param name="MayBeLogarithmic">
/// Whether the axis may be logarithmic; it is if the values are positive, far apart and without a unit.
/// </param>
public sealed record LineChart(string Title, string XLabel, string YLabel, IReadOnlyList<ChartLine> Lines,
    bool MayBeLogarithmic = true);

/// <summary>A line of a chart.</summary>
/// <param name="Name">Its name in the legend.</param>
/// <param name="Points">Points from left to right.</param>
/// <param name="IsFaint">Whether it is drawn faintly, for example noisy values behind their means.</param>
public sealed record ChartLine(string Name, IReadOnlyList<(double X, double Y)> Points, bool IsFaint = false);
