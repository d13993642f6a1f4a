// Draws attention weights on a terminal.

using System.Globalization;

namespace TorchScratch.Examples.Sentiment;

internal static class TerminalHeatMap
{
    // Fractions of the largest weight, for terminals without colours.
    private const string Shades = " ░▒▓█";

    /// <summary>
    /// Draws a matrix: rows are the attending tokens, columns the attended ones; larger weights are brighter.
    /// </summary>
    /// <param name="output">Receives the text.</param>
    /// <param name="tokens">The names of rows and columns.</param>
    /// <param name="weights">The weight of each pair.</param>
    /// <param name="useColor">Whether to use colours.</param>
    public static void Draw(TextWriter output, string[] tokens, float[,] weights, bool useColor)
    {
        var width = tokens.Max(token => token.Length);
        var largest = weights.Cast<float>().Max();
        output.Write(new string(' ', width + 4));
        for (var j = 0; j < tokens.Length; j++)
            output.Write(string.Create(CultureInfo.InvariantCulture, $"{j,3}"));
        output.WriteLine();
        for (var i = 0; i < tokens.Length; i++)
        {
            output.Write(string.Create(CultureInfo.InvariantCulture, $"{i,3} {tokens[i].PadRight(width)} "));
            for (var j = 0; j < tokens.Length; j++)
                output.Write(Cell(weights[i, j] / largest, useColor));
            output.WriteLine();
        }
    }

    /// <summary>Whether standard output is a terminal that supports colours (https://no-color.org).</summary>
    public static bool HasColor =>
        !Console.IsOutputRedirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));

    private static string Cell(float share, bool useColor)
    {
        if (useColor)
        {
            // The 24 greys of the 256 colours begin at 232.
            return string.Create(CultureInfo.InvariantCulture, $"\e[48;5;{232 + (int)(share * 23)}m   \e[0m");
        }
        var shade = Shades[(int)MathF.Round(share * (Shades.Length - 1))];
        return $" {shade}{shade}";
    }
}
