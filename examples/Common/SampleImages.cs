// Test images for a report: some of all, and the mistakes that the network is surest of.

using TorchScratch.Data;
using TorchScratch.NN;
using TorchScratch.Training;

namespace TorchScratch.Examples;

/// <summary>Images with what a classifier says about them.</summary>
public static class SampleImages
{
    private const int FirstOnes = 12;
    private const int Mistakes = 24;

    /// <summary>Puts images into a report, in place of those that are there.</summary>
    /// <param name="report">Shows them.</param>
    /// <param name="model">Makes scores (N, classes) of images (N, C, H, W); set to evaluation.</param>
    /// <param name="images">The images.</param>
    /// <param name="looked">How many of them to look at for mistakes, from the first on.</param>
    public static void Show(Report report, Module<Tensor, Tensor> model, ImageDataset images, int looked = 10_000)
    {
        ArgumentNullException.ThrowIfNull(report);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(images);
        using var noGrad = Autograd.NoGrad();
        model.Eval();
        report.ClearSamples();
        var answers = new List<(int Index, int Answer, float Confidence)>();
        foreach (var batch in new DataLoader(images.Take(looked), batchSize: 250))
        {
            using var scope = Tensor.Scope();
            var (confidences, classes) = model.Call(batch.Inputs).Softmax(1).Max(1);
            var (probabilities, labels) = (confidences.ToArray<float>(), classes.ToArray<long>());
            for (var i = 0; i < labels.Length; i++)
                answers.Add((answers.Count, (int)labels[i], probabilities[i]));
            batch.Dispose();
        }
        var wrong = answers.Where(answer => answer.Answer != images.Labels[answer.Index])
            .OrderByDescending(answer => answer.Confidence).Take(Mistakes);
        foreach (var (index, answer, confidence) in answers.Take(FirstOnes).Concat(wrong))
        {
            using var picture = Picture(images, index);
            report.AddSample(picture, Name(answer), Name(images.Labels[index]), confidence);
        }

        string Name(int label) => images.ClassNames?[label] ?? $"{label}";
    }

    // From the bytes: normalized by channel, an image would have other colours.
    private static Tensor Picture(ImageDataset images, int index)
    {
        var picture = Tensor.Empty([images.Shape.Channels, images.Height, images.Width], DType.Float32);
        var values = picture.AsSpan<float>();
        var pixels = images.Pixels(index);
        for (var i = 0; i < values.Length; i++)
            values[i] = pixels[i];
        return picture;
    }
}
