// Test images for the report: some of each kind, and the mistakes that the network is surest of.

using TorchScratch.Data;
using TorchScratch.NN;
using TorchScratch.Training;

namespace TorchScratch.Examples.MnistTraining;

internal static class Samples
{
    private const int RightOnes = 12;
    private const int Mistakes = 24;
    private const int Looked = 10_000;

    public static void Show(Report report, Sequential model, ImageDataset images)
    {
        using var noGrad = Autograd.NoGrad();
        model.Eval();
        report.ClearSamples();
        var answers = new List<(int Index, long Answer, float Confidence)>();
        foreach (var batch in new DataLoader(images.Take(Looked), batchSize: 500))
        {
            using var scope = Tensor.Scope();
            var (confidences, classes) = model.Call(batch.Inputs).Softmax(1).Max(1);
            var (probabilities, labels) = (confidences.ToArray<float>(), classes.ToArray<long>());
            for (var i = 0; i < labels.Length; i++)
                answers.Add((answers.Count, labels[i], probabilities[i]));
            batch.Dispose();
        }
        var wrong = answers.Where(answer => answer.Answer != images.Labels[answer.Index])
            .OrderByDescending(answer => answer.Confidence).Take(Mistakes);
        foreach (var (index, answer, confidence) in answers.Take(RightOnes).Concat(wrong))
        {
            using var scope = Tensor.Scope();
            report.AddSample(images[index].Input, $"{answer}", $"{images.Labels[index]}", confidence);
        }
    }
}
