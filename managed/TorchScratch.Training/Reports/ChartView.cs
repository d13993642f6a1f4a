// Charts as SVG. The script of the page shows the values under the mouse.

using System.Globalization;
using System.Net;
using System.Text;

namespace TorchScratch.Training;

/// <summary>
/// Draws lines with axes, grid, units and legend. The values that the script shows are stored in an attribute.
/// </summary>
internal static class ChartView
{
    private const int Width = 640;
    private const int Height = 320;
    private const int Left = 56;
    private const int Right = 14;
    private const int Top = 14;
    private const int Bottom = 42;
    private const int MostPoints = 600;
    private const int Colours = 8;
    private const double Largest = 1e300;

    public static void Append(StringBuilder html, LineChart chart, bool isSquare = false)
    {
        var width = isSquare ? Height + Left : Width;
        // Reduced to fewer points than pixels, each the mean of its group.
        ChartLine[] lines = [.. chart.Lines.Select(line => line with { Points = Thin(line.Points) })];
        var all = lines.SelectMany(line => line.Points).ToArray();
        var horizontal = ChartAxis.Of(all.Select(point => point.X), 7, mayBeLogarithmic: false, isTight: true);
        var vertical = ChartAxis.Of(all.Select(point => point.Y), 5,
            mayBeLogarithmic: chart.MayBeLogarithmic && !isSquare && chart.YLabel.Length == 0, isTight: false);

        html.Append($"<figure class=\"card chart{(isSquare ? " square" : "")}\">");
        html.Append($"<figcaption><h3>{Encode(chart.Title)}</h3>");
        Legend(html, lines);
        Add(html, $"</figcaption><svg viewBox=\"0 0 {width} {Height}\" role=\"img\" ");
        Add(html, $"aria-label=\"{Encode(chart.Title)}\" data-x=\"{Encode(chart.XLabel)}\" ");
        html.Append($"data-unit=\"{Encode(chart.YLabel)}\" data-lines=\"{Encode(Data(lines, X, Y))}\">");
        Grid(html, chart, horizontal, vertical, width, X, Y);
        if (isSquare)
        {
            Add(html, $"<line class=\"chance\" x1=\"{X(0):0.#}\" y1=\"{Y(0):0.#}\" x2=\"{X(1):0.#}\" ");
            Add(html, $"y2=\"{Y(1):0.#}\"/>");
        }
        // Faint lines are drawn below the others.
        foreach (var isFaint in new[] { true, false })
        {
            for (var i = 0; i < lines.Length; i++)
            {
                if (lines[i].IsFaint == isFaint)
                    Line(html, lines[i], i % Colours, X, Y);
            }
        }
        html.Append("<line class=\"cursor\" hidden/></svg></figure>\n");

        double X(double value) => Left + horizontal.Place(value) * (width - Left - Right);
        double Y(double value) => Height - Bottom - vertical.Place(value) * (Height - Top - Bottom);
    }

    public static string Encode(string text) => WebUtility.HtmlEncode(text);

    private static void Add(StringBuilder html, FormattableString text) =>
        html.Append(text.ToString(CultureInfo.InvariantCulture));

    private static void Legend(StringBuilder html, ChartLine[] lines)
    {
        html.Append("<ul class=\"legend\">");
        for (var i = 0; i < lines.Length; i++)
            Add(html, $"<li class=\"c{i % Colours}{(lines[i].IsFaint ? " faint" : "")}\">{Encode(lines[i].Name)}</li>");
        html.Append("</ul>");
    }

    private static void Grid(StringBuilder html, LineChart chart, ChartAxis horizontal, ChartAxis vertical, int width,
        Func<double, double> x, Func<double, double> y)
    {
        foreach (var tick in vertical.Ticks)
        {
            var at = y(tick);
            Add(html, $"<line class=\"grid\" x1=\"{Left}\" x2=\"{width - Right}\" y1=\"{at:0.#}\" y2=\"{at:0.#}\"/>");
            Add(html, $"<text class=\"tick end\" x=\"{Left - 8}\" y=\"{at + 4:0.#}\">{ChartAxis.Text(tick)}</text>");
        }
        foreach (var tick in horizontal.Ticks)
        {
            Add(html, $"<text class=\"tick middle\" x=\"{x(tick):0.#}\" ");
            Add(html, $"y=\"{Height - Bottom + 18}\">{ChartAxis.Text(tick)}</text>");
        }
        Add(html, $"<line class=\"axis\" x1=\"{Left}\" x2=\"{width - Right}\" y1=\"{Height - Bottom}\" ");
        Add(html, $"y2=\"{Height - Bottom}\"/>");
        Add(html, $"<text class=\"label middle\" x=\"{(Left + width - Right) / 2}\" ");
        Add(html, $"y=\"{Height - 6}\">{Encode(chart.XLabel)}</text>");
        var unit = chart.YLabel + (vertical.IsLogarithmic ? " log scale" : "");
        if (unit.Length > 0)
        {
            var middle = (Top + Height - Bottom) / 2;
            Add(html, $"<text class=\"label middle\" transform=\"translate(13 {middle}) ");
            Add(html, $"rotate(-90)\">{Encode(unit.Trim())}</text>");
        }
    }

    private static void Line(StringBuilder html, ChartLine line, int colour, Func<double, double> x,
        Func<double, double> y)
    {
        Add(html, $"<polyline class=\"line c{colour}{(line.IsFaint ? " faint" : "")}\" points=\"");
        foreach (var (pointX, pointY) in line.Points)
            Add(html, $"{x(pointX):0.#},{y(pointY):0.#} ");
        html.Append("\"/>");
        if (line.IsFaint || line.Points.Count > 40)
            return;
        foreach (var (pointX, pointY) in line.Points)
            Add(html, $"<circle class=\"dot c{colour}\" cx=\"{x(pointX):0.#}\" cy=\"{y(pointY):0.#}\" r=\"3\"/>");
    }

    // [{"n": name, "c": colour, "p": [[position x, position y, x, y], ...]}, ...]
    private static string Data(ChartLine[] lines, Func<double, double> x, Func<double, double> y)
    {
        using var stream = new MemoryStream();
        using (var json = new System.Text.Json.Utf8JsonWriter(stream))
        {
            json.WriteStartArray();
            for (var i = 0; i < lines.Length; i++)
            {
                json.WriteStartObject();
                json.WriteString("n", lines[i].Name);
                json.WriteNumber("c", i % Colours);
                json.WriteStartArray("p");
                foreach (var (pointX, pointY) in lines[i].Points)
                {
                    json.WriteStartArray();
                    json.WriteNumberValue(Math.Round(x(pointX), 1));
                    json.WriteNumberValue(Math.Round(y(pointY), 1));
                    json.WriteNumberValue(Digits(pointX));
                    json.WriteNumberValue(Digits(pointY));
                    json.WriteEndArray();
                }
                json.WriteEndArray();
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static double Digits(double value) =>
        double.Parse(value.ToString("G5", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    private static (double X, double Y)[] Thin(IReadOnlyList<(double X, double Y)> line)
    {
        // Infinite and extremely large values cannot be drawn.
        (double X, double Y)[] points =
            [.. line.Where(point => Math.Abs(point.X) < Largest && Math.Abs(point.Y) < Largest)];
        if (points.Length <= MostPoints)
            return points;
        var thinned = new (double X, double Y)[MostPoints];
        for (var i = 0; i < MostPoints; i++)
        {
            var from = (int)((long)i * points.Length / MostPoints);
            var part = points[from..(int)((long)(i + 1) * points.Length / MostPoints)];
            thinned[i] = (part[^1].X, part.Average(point => point.Y));
        }
        return thinned;
    }
}
