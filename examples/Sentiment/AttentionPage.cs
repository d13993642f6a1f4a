// Attention weights as a page: one picture for each sentence, block and head, with nothing loaded from elsewhere.

using System.Globalization;
using System.Net;
using System.Text;

namespace TorchScratch.Examples.Sentiment;

internal static class AttentionPage
{
    private const int CellSize = 18;

    /// <summary>Writes the page; an old one is replaced only when the new one is complete.</summary>
    public static void Save(string path, IReadOnlyList<Explanation> explanations)
    {
        var page = new StringBuilder("""
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><title>What attention looks at</title><style>
            body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 75rem }
            body { color: #222; background: #fff }
            figure { display: inline-block; margin: 0 1.5rem 1rem 0; vertical-align: top }
            figcaption { color: #666 }
            text { font: 12px system-ui, sans-serif; fill: currentColor }
            rect { fill: #1f5fa8 }
            @media (prefers-color-scheme: dark) { body { color: #ddd; background: #181818 } rect { fill: #7db8f0 } }
            </style></head><body>
            <h1>What attention looks at</h1>
            <p>A row is what one word looks at, a column who looks at a word. [start] is read by the classifier.</p>

            """);
        foreach (var explanation in explanations)
        {
            page.Append(CultureInfo.InvariantCulture,
                $"<h2>{WebUtility.HtmlEncode(explanation.Sentence.Text)}</h2>\n<p>{explanation.Answer}</p>\n");
            for (var block = 0; block < explanation.Weights.Length; block++)
            {
                Append(page, $"block {block + 1}, mean of heads", explanation.Tokens, explanation.MeanOfHeads(block));
                for (var head = 0; head < explanation.Weights[block].Length; head++)
                    Append(page, $"block {block + 1}, head {head + 1}", explanation.Tokens,
                        explanation.Weights[block][head]);
            }
        }
        page.Append("</body></html>\n");
        var temporary = path + ".part";
        File.WriteAllText(temporary, page.ToString());
        File.Move(temporary, path, overwrite: true);
    }

    private static void Append(StringBuilder page, string caption, string[] tokens, float[,] weights)
    {
        var margin = 10 + 7 * tokens.Max(token => token.Length);
        var size = margin + CellSize * tokens.Length;
        page.Append(CultureInfo.InvariantCulture,
            $"<figure><svg width=\"{size}\" height=\"{size}\" role=\"img\" aria-label=\"{caption}\">\n");
        for (var i = 0; i < tokens.Length; i++)
        {
            var (at, word) = (margin + CellSize * i, WebUtility.HtmlEncode(tokens[i]));
            page.Append(CultureInfo.InvariantCulture,
                $"<text x=\"{margin - 5}\" y=\"{at + 13}\" text-anchor=\"end\">{word}</text>");
            page.Append(CultureInfo.InvariantCulture,
                $"<text transform=\"translate({at + 13} {margin - 5}) rotate(-90)\">{word}</text>\n");
            for (var j = 0; j < tokens.Length; j++)
            {
                // What would not be seen is left out.
                if (weights[i, j] < 0.005f)
                    continue;
                page.Append(CultureInfo.InvariantCulture,
                    $"<rect x=\"{margin + CellSize * j}\" y=\"{at}\" width=\"{CellSize}\" height=\"{CellSize}\" ");
                var title = $"{word} to {WebUtility.HtmlEncode(tokens[j])}";
                page.Append(CultureInfo.InvariantCulture,
                    $"opacity=\"{weights[i, j]:0.###}\"><title>{title}: {weights[i, j]:0.000}</title></rect>");
            }
            page.Append('\n');
        }
        page.Append(CultureInfo.InvariantCulture, $"</svg><figcaption>{caption}</figcaption></figure>\n");
    }
}
