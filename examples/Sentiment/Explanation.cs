// The prediction for one sentence, and what the network attended to.

namespace TorchScratch.Examples.Sentiment;

/// <summary>A sentence, the prediction and the attention weights.</summary>
/// <param name="Sentence">The sentence.</param>
/// <param name="Tokens">The start token and the words.</param>
/// <param name="Probability">The predicted probability of praise.</param>
/// <param name="Weights">
/// By block and head, a matrix whose rows show what each token attends to; a row sums to 1.
/// </param>
internal sealed record Explanation(Sentence Sentence, string[] Tokens, double Probability, float[][][,] Weights)
{
    public bool IsCorrect => Probability > 0.5 == Sentence.IsPositive;

    public string Answer
    {
        get
        {
            var (word, share) = Probability > 0.5 ? ("praise", Probability) : ("blame", 1 - Probability);
            return FormattableString.Invariant($"{word}, {100 * share:0.0} %{(IsCorrect ? "" : ", wrong")}");
        }
    }

    /// <summary>The sentence and the prediction.</summary>
    public override string ToString() => $"\"{Sentence.Text}\": {Answer}";

    public static Explanation Of(AttentionClassifier model, Vocabulary vocabulary, Sentence sentence)
    {
        model.Eval();
        using var noGrad = Autograd.NoGrad();
        using var scope = Tensor.Scope();
        var (logits, weights) = model.Explain(vocabulary.Encode([sentence]));
        var probability = logits.Softmax(1).ToArray<float>()[1];
        return new(sentence, ["[start]", .. sentence.Words], probability, Array.ConvertAll(weights, Heads));
    }

    /// <summary>The mean over the heads of a block.</summary>
    public float[,] MeanOfHeads(int block)
    {
        var heads = Weights[block];
        var mean = new float[Tokens.Length, Tokens.Length];
        for (var i = 0; i < Tokens.Length; i++)
        {
            for (var j = 0; j < Tokens.Length; j++)
                mean[i, j] = heads.Sum(head => head[i, j]) / heads.Length;
        }
        return mean;
    }

    // From weights (1, heads, T, T).
    private static float[][,] Heads(Tensor weights)
    {
        var (heads, length) = ((int)weights.Size(1), (int)weights.Size(2));
        var values = weights.Contiguous().ToArray<float>();
        return [.. Enumerable.Range(0, heads).Select(head =>
        {
            var matrix = new float[length, length];
            Buffer.BlockCopy(values, head * length * length * sizeof(float), matrix, 0, matrix.Length * sizeof(float));
            return matrix;
        })];
    }
}
