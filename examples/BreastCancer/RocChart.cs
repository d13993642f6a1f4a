// A ROC curve in characters, and as a file.

using System.Globalization;
using System.Text;
using TorchScratch.Training;

namespace TorchScratch.Examples.BreastCancer;

internal static class RocChart
{
    private const int Width = 51;
    private const int Height = 13;

    /// <summary>True against false positive rate, both from 0 to 1.</summary>
    public static string Draw(ReadOnlySpan<RocPoint> points)
    {
        var grid = new char[Height, Width];
        for (var column = 0; column < Width; column++)
        {
            var x = column / (Width - 1.0);
            grid[Row(x), column] = '.';
            // The highest point of the curve up to here.
            var y = 0.0;
            foreach (var point in points)
                y = point.FalsePositiveRate <= x + 1e-12 ? Math.Max(y, point.TruePositiveRate) : y;
            grid[Row(y), column] = '*';
        }
        var text = new StringBuilder("true positives\n");
        for (var row = 0; row < Height; row++)
        {
            text.Append(CultureInfo.InvariantCulture, $"{(row % 3 == 0 ? (1 - row / (Height - 1.0)).ToString("0.00", CultureInfo.InvariantCulture) : ""),5} |");
            for (var column = 0; column < Width; column++)
                text.Append(grid[row, column] == 0 ? ' ' : grid[row, column]);
            // No blanks at the ends of lines.
            while (text[^1] == ' ')
                text.Length--;
            text.Append('\n');
        }
        text.Append("      +").Append('-', Width).Append("\n       0.00").Append(' ', Width - 8).Append("1.00  false positives");
        return text.ToString();

        static int Row(double y) => (int)Math.Round((1 - y) * (Height - 1));
    }

    /// <summary>Writes the corners of the curve, whole or not at all.</summary>
    public static void Save(string path, ReadOnlySpan<RocPoint> points)
    {
        var text = new StringBuilder("false_positive_rate,true_positive_rate,threshold\n");
        foreach (var point in points)
            text.Append(CultureInfo.InvariantCulture, $"{point.FalsePositiveRate},{point.TruePositiveRate},{point.Threshold}\n");
        var partial = $"{path}.{Guid.NewGuid():N}.partial";
        try
        {
            File.WriteAllText(partial, text.ToString());
            File.Move(partial, path, overwrite: true);
        }
        finally
        {
            File.Delete(partial);
        }
    }
}
