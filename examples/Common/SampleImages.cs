// Test images for a report: the first ones, and the most confident mistakes of the network.

using TorchScratch.Data;
using TorchScratch.NN;
using TorchScratch.Training;

namespace TorchScratch.Examples;

/// <summary>Images with the predictions of a classifier.</summary>
public static class SampleImages
{
    private const int FirstOnes = 12;
    private const int Mistakes = 24;

    /// <summary>Puts images into a report and replaces those that it already has.</summary>
    /// <param name="report">The report.</param>
    /// <param name="model">
    /// The classifier, which maps images (N, C, H, W) to scores (N, classes); switched to evaluation mode.
    /// </param>
    /// <param name="images">The images.</param>
    /// <param name="searched">How many of the images, starting with the first, are searched for mistakes.</param>
    public static void Show(Report report, Module<Tensor, Tensor> model, ImageDataset images, int searched = 10_000)
    {
        ArgumentNullException.ThrowIfNull(report);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(images);
        using var noGrad = Autograd.NoGrad();
        model.Eval();
        report.ClearSamples();
        var answers = new List<(int Index, int Answer, float Confidence)>();
        foreach (var batch in new DataLoader(images.Take(searched), batchSize: 250, device: Device.Default))
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

    // From the bytes, since normalization by channel changes the colours.
    private static Tensor Picture(ImageDataset images, int index)
    {
        var picture = Tensor.Empty([images.Shape.Channels, images.Height, images.Width], DType.Float32,
            Device.Cpu);
        var values = picture.AsSpan<float>();
        var pixels = images.Pixels(index);
        for (var i = 0; i < values.Length; i++)
            values[i] = pixels[i];
        return picture;
    }
}
