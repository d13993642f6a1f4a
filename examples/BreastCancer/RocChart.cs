// Draws a ROC curve with characters, and saves it to a file.

using System.Globalization;
using System.Text;
using TorchScratch.Training;

namespace TorchScratch.Examples.BreastCancer;

internal static class RocChart
{
    private const int Width = 51;
    private const int Height = 13;

    /// <summary>Draws the true positive rate over the false positive rate, both from 0 to 1.</summary>
    public static string Draw(ReadOnlySpan<RocPoint> points)
    {
        var grid = new char[Height, Width];
        for (var column = 0; column < Width; column++)
        {
            var x = column / (Width - 1.0);
            grid[Row(x), column] = '.';
            // The highest point of the curve up to this column.
            var y = 0.0;
            foreach (var point in points)
                y = point.FalsePositiveRate <= x + 1e-12 ? Math.Max(y, point.TruePositiveRate) : y;
            grid[Row(y), column] = '*';
        }
        var text = new StringBuilder("true positives\n");
        for (var row = 0; row < Height; row++)
        {
            var mark = row % 3 == 0 ? (1 - row / (Height - 1.0)).ToString("0.00", CultureInfo.InvariantCulture) : "";
            text.Append(CultureInfo.InvariantCulture, $"{mark,5} |");
            for (var column = 0; column < Width; column++)
                text.Append(grid[row, column] == 0 ? ' ' : grid[row, column]);
            // Without trailing spaces.
            while (text[^1] == ' ')
                text.Length--;
            text.Append('\n');
        }
        text.Append("      +").Append('-', Width);
        text.Append("\n       0.00").Append(' ', Width - 8).Append("1.00  false positives");
        return text.ToString();

        static int Row(double y) => (int)Math.Round((1 - y) * (Height - 1));
    }

    /// <summary>Writes the corners of the curve; the file is replaced only when it is complete.</summary>
    public static void Save(string path, ReadOnlySpan<RocPoint> points)
    {
        var text = new StringBuilder("false_positive_rate,true_positive_rate,threshold\n");
        foreach (var point in points)
            text.Append(CultureInfo.InvariantCulture,
                $"{point.FalsePositiveRate},{point.TruePositiveRate},{point.Threshold}\n");
        // One name, so that what a killed process leaves is overwritten the next time.
        var partial = $"{path}.partial";
        using (var file = File.Create(partial))
        {
            file.Write(Encoding.UTF8.GetBytes(text.ToString()));
            file.Flush(flushToDisk: true);
        }
        File.Move(partial, path, overwrite: true);
    }
}
