// Renders a report as an HTML page with its style and script.

using System.Globalization;
using System.Text;

namespace TorchScratch.Training;

/// <summary>Renders a report as one HTML document without external references.</summary>
internal static class ReportPage
{
    public static string Render(Report report, IReadOnlyList<MetricsRow> rows, IReadOnlyList<Metric> metrics)
    {
        var html = new StringBuilder();
        html.Append("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">");
        html.Append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
        // An empty icon keeps browsers from requesting one from a server.
        html.Append($"<link rel=\"icon\" href=\"data:,\"><title>{ChartView.Encode(report.Title)}</title>\n");
        html.Append($"<style>\n{Resource("report.css")}</style></head>\n<body><main>\n");
        html.Append($"<header><h1>{ChartView.Encode(report.Title)}</h1>");
        if (report.Subtitle.Length > 0)
            html.Append($"<p>{ChartView.Encode(report.Subtitle)}</p>");
        html.Append("</header>\n");
        Tiles(html, rows);
        Section(html, "Curves", "wide", body =>
        {
            foreach (var chart in RunCharts.Of(rows).Concat(report.Charts))
                ChartView.Append(body, chart);
        });
        Section(html, "Test", "wide", body =>
        {
            foreach (var matrix in metrics.OfType<ConfusionMatrix>().Where(matrix => matrix.Total > 0))
                MatrixView.Append(body, matrix);
            foreach (var curve in metrics.OfType<RocCurve>())
                Roc(body, curve);
        });
        Section(html, "Samples", "", body => Samples(body, report.Samples));
        Section(html, "Texts", "wide", body =>
        {
            foreach (var (heading, text) in report.Texts)
            {
                body.Append($"<figure class=\"card\"><figcaption><h3>{ChartView.Encode(heading)}</h3></figcaption>");
                body.Append($"<pre class=\"prose\">{ChartView.Encode(text)}</pre></figure>\n");
            }
        });
        Section(html, "Heat maps", "wide", body =>
        {
            foreach (var map in report.HeatMaps)
                MatrixView.Append(body, map);
        });
        Section(html, "Model", "", body =>
        {
            if (report.ModelSummary is { } summary)
                body.Append($"<div class=\"card scroll\"><pre>{ChartView.Encode(summary)}</pre></div>\n");
        });
        Section(html, "Run", "wide", body =>
        {
            Facts(body, "Hyperparameters", report.HyperParameters.Select(entry => (entry.Key, entry.Value)));
            Facts(body, "Environment", Report.Environment());
        });
        html.Append("</main><div id=\"tip\" hidden></div>\n");
        html.Append($"<script>\n{Resource("report.js")}</script></body></html>\n");
        return html.ToString();
    }

    private static void Section(StringBuilder html, string heading, string kind, Action<StringBuilder> fill)
    {
        var body = new StringBuilder();
        fill(body);
        if (body.Length > 0)
            html.Append($"<section><h2>{heading}</h2><div class=\"grid {kind}\">\n").Append(body)
                .Append("</div></section>\n");
    }

    // The last and the best value of everything that is logged at the ends of epochs.
    private static void Tiles(StringBuilder html, IReadOnlyList<MetricsRow> rows)
    {
        var body = new StringBuilder();
        foreach (var chart in RunCharts.Of(rows))
        {
            var line = chart.Lines.FirstOrDefault(line => line.Name == "validation") ??
                chart.Lines.FirstOrDefault(line => line.Name == "train");
            if (line is null || chart.Lines.All(other => other.IsFaint))
                continue;
            var isLoss = chart.YLabel.Length == 0;
            var best = isLoss ? line.Points.Min(point => point.Y) : line.Points.Max(point => point.Y);
            body.Append($"<div class=\"card tile\"><span>{ChartView.Encode(line.Name)} " +
                $"{ChartView.Encode(InSentence(chart.Title))}</span>" +
                $"<b>{Number(line.Points[^1].Y)}<small>{ChartView.Encode(chart.YLabel)}</small></b>" +
                $"<span>{(isLoss ? "lowest" : "best")} {Number(best)}</span></div>\n");
        }
        if (rows.Count > 0)
        {
            body.Append(CultureInfo.InvariantCulture,
                $"<div class=\"card tile\"><span>epochs</span><b>{rows[^1].Epoch + 1}</b>" +
                $"<span>{rows[^1].Step:N0} steps</span></div>\n");
        }
        if (body.Length > 0)
            html.Append("<div class=\"tiles\">\n").Append(body).Append("</div>\n");

        // "F1" keeps its capital.
        static string InSentence(string title) =>
            title.Length > 1 && char.IsLower(title[1]) ? char.ToLowerInvariant(title[0]) + title[1..] : title;

        static string Number(double value) => Math.Abs(value) >= 10
            ? value.ToString("0.00", CultureInfo.InvariantCulture)
            : value.ToString("0.0000", CultureInfo.InvariantCulture);
    }

    private static void Roc(StringBuilder html, RocCurve curve)
    {
        var points = curve.Points();
        if (points.Length == 0)
            return;
        var title = string.Create(CultureInfo.InvariantCulture, $"ROC curve, area {curve.Auc:0.0000}");
        ChartView.Append(html, new LineChart(title, "false positive rate", "true positive rate",
            [new(curve.Name, [.. points.Select(point => (point.FalsePositiveRate, point.TruePositiveRate))])]),
                isSquare: true);
    }

    private static void Samples(StringBuilder html, IReadOnlyList<SampleImage> samples)
    {
        if (samples.Count == 0)
            return;
        html.Append("<ul class=\"samples\">");
        foreach (var sample in samples)
        {
            var kind = sample.Truth is null ? "" : sample.Truth == sample.Prediction ? "right" : "wrong";
            var confidence = double.IsNaN(sample.Confidence) ? ""
                : string.Create(CultureInfo.InvariantCulture, $" <span>{100 * sample.Confidence:0} %</span>");
            var alternative = ChartView.Encode($"sample of {sample.Truth ?? "unknown class"}");
            html.Append($"<li class=\"card {kind}\"><img alt=\"{alternative}\" src=\"{sample.Address}\">");
            html.Append($"<b>{ChartView.Encode(sample.Prediction)}</b>{confidence}");
            if (kind == "wrong")
                html.Append($"<em>is {ChartView.Encode(sample.Truth!)}</em>");
            html.Append("</li>");
        }
        html.Append("</ul>\n");
    }

    private static void Facts(StringBuilder html, string heading, IEnumerable<(string Name, string Value)> facts)
    {
        var rows = facts.ToArray();
        if (rows.Length == 0)
            return;
        html.Append($"<div class=\"card\"><h3>{heading}</h3><dl>");
        foreach (var (name, value) in rows)
            html.Append($"<dt>{ChartView.Encode(name)}</dt><dd>{ChartView.Encode(value)}</dd>");
        html.Append("</dl></div>\n");
    }

    private static string Resource(string name)
    {
        using var stream = typeof(ReportPage).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
