// Matrices in colours: confusion matrices and heat maps.

using System.Globalization;
using System.Text;

namespace TorchScratch.Training;

/// <summary>Draws matrices as tables whose cells are shaded by their values.</summary>
internal static class MatrixView
{
    // With more classes the numbers would not fit into their cells.
    private const int MostNumbers = 20;

    // Limits on the total length of the labels: beyond the first a table takes the width of the page, beyond the second
    // its labels are rotated.
    private const int HalfPage = 40;
    private const int FullPage = 130;

    public static void Append(StringBuilder html, ConfusionMatrix matrix)
    {
        var n = matrix.ClassCount;
        var labels = matrix.Labels.Sum(label => label.Length);
        html.Append($"<figure class=\"card{(labels > HalfPage ? " broad" : "")}\"><figcaption>");
        html.Append("<h3>Confusion matrix</h3><p class=\"note\">");
        html.Append(CultureInfo.InvariantCulture,
            $"{matrix.Correct:N0} of {matrix.Total:N0} correct. Rows are true classes, ");
        html.Append("columns predicted ones.</p></figcaption><div class=\"scroll\">");
        html.Append($"<table class=\"matrix{(labels > FullPage ? " small" : "")}\"><tr><th></th>");
        for (var answer = 0; answer < n; answer++)
            html.Append($"<th scope=\"col\"><span>{ChartView.Encode(matrix.Labels[answer])}</span></th>");
        html.Append("<th class=\"recall\">recall</th></tr>");
        var worst = LargestError(matrix);
        for (var truth = 0; truth < n; truth++)
        {
            var row = matrix.CountOf(truth);
            html.Append($"<tr><th scope=\"row\">{ChartView.Encode(matrix.Labels[truth])}</th>");
            for (var answer = 0; answer < n; answer++)
            {
                var count = matrix[truth, answer];
                var share = row == 0 ? 0 : (double)count / row;
                // Errors are rare: the square root and a separate scale make them visible.
                var strength = truth == answer ? 0.15 + 0.75 * share : 0.75 * Math.Sqrt(share / worst);
                Cell(html, truth == answer ? "hit" : "miss", count == 0 ? 0 : strength,
                    n > MostNumbers || count == 0 ? "" : count.ToString(CultureInfo.InvariantCulture),
                    string.Create(CultureInfo.InvariantCulture,
                        $"{matrix.Labels[truth]} predicted as {matrix.Labels[answer]}: {count:N0} " +
                        $"({100 * share:0.00} %)"));
            }
            html.Append(row == 0 ? "<td class=\"recall\">–</td></tr>"
                : string.Create(CultureInfo.InvariantCulture,
                    $"<td class=\"recall\">{100.0 * matrix[truth, truth] / row:0.0} %</td></tr>"));
        }
        html.Append("</table></div></figure>\n");
    }

    public static void Append(StringBuilder html, HeatMap map)
    {
        var (rows, columns) = (map.Values.GetLength(0), map.Values.GetLength(1));
        var largest = 0.0;
        foreach (var value in map.Values)
            largest = double.IsFinite(value) ? Math.Max(largest, value) : largest;
        html.Append($"<figure class=\"card\"><figcaption><h3>{ChartView.Encode(map.Title)}</h3></figcaption>");
        html.Append("<div class=\"scroll\"><table class=\"matrix small\"><tr><th></th>");
        for (var c = 0; c < columns; c++)
            html.Append($"<th scope=\"col\"><span>{Label(map.ColumnLabels, c)}</span></th>");
        html.Append("</tr>");
        for (var r = 0; r < rows; r++)
        {
            html.Append($"<tr><th scope=\"row\">{Label(map.RowLabels, r)}</th>");
            for (var c = 0; c < columns; c++)
            {
                var value = map.Values[r, c];
                var hint = string.Create(CultureInfo.InvariantCulture,
                    $"{Raw(map.RowLabels, r)} → {Raw(map.ColumnLabels, c)}: {value:0.####}");
                var strength = largest > 0 && !double.IsNaN(value) ? Math.Clamp(value / largest, 0, 1) : 0;
                Cell(html, "hit", strength, "", hint);
            }
            html.Append("</tr>");
        }
        html.Append("</table></div></figure>\n");
    }

    // The largest fraction of a class that is predicted as one other class.
    private static double LargestError(ConfusionMatrix matrix)
    {
        var largest = 1e-9;
        for (var truth = 0; truth < matrix.ClassCount; truth++)
        {
            var row = Math.Max(1, matrix.CountOf(truth));
            for (var answer = 0; answer < matrix.ClassCount; answer++)
                largest = truth == answer ? largest : Math.Max(largest, (double)matrix[truth, answer] / row);
        }
        return largest;
    }

    private static void Cell(StringBuilder html, string kind, double strength, string text, string hint)
    {
        html.Append(CultureInfo.InvariantCulture,
            $"<td class=\"{kind}{(strength > 0.55 ? " strong" : "")}\" style=\"--s:{strength:0.###}\" ");
        html.Append($"title=\"{ChartView.Encode(hint)}\">{text}</td>");
    }

    private static string Label(IReadOnlyList<string> labels, int i) => ChartView.Encode(Raw(labels, i));

    private static string Raw(IReadOnlyList<string> labels, int i) => i < labels.Count ? labels[i] : "";
}
