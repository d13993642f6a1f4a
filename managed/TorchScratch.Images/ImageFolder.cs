// A folder of image files with one sub-folder for each class.

using TorchScratch.Data;

namespace TorchScratch.Images;

/// <summary>
/// Images in files, which are read only when batches are made. Each sub-folder is a class, numbered in the order of the
/// names, and holds the images of that class: .jpg, .jpeg, .png and .bmp files. A batch consists of images
/// (N, 3, H, W) of Float32 and labels (N) of Int64.
/// </summary>
public sealed class ImageFolder : IBatchDataset<Batch>, IDataset<(Tensor Input, Tensor Target)>
{
    private static readonly string[] Extensions = [".jpg", ".jpeg", ".png", ".bmp"];

    private readonly List<(string Path, int Label)> _files = [];
    private readonly IImageDecoder _decoder;
    private readonly IReadOnlyList<Normalization> _normalizations;
    private readonly ImageFit _fit;

    /// <summary>Lists the files without reading them.</summary>
    /// <param name="directory">The folder that holds one sub-folder for each class.</param>
    /// <param name="height">Rows of the images in a batch.</param>
    /// <param name="width">Columns of the images in a batch.</param>
    /// <param name="normalizations">
    /// How bytes are converted: one entry each for red, green and blue, or one for all; to [0, 1] if not given.
    /// Networks pretrained on ImageNet expect <see cref="Normalization.ImageNet"/>.
    /// </param>
    /// <param name="fit">How files with another aspect ratio are resized.</param>
    /// <param name="decoder">Decodes the files; <see cref="PlatformImageDecoder"/> if not given.</param>
    /// <exception cref="DirectoryNotFoundException">The folder does not exist.</exception>
    /// <exception cref="TensorIOException">
    /// The folder has no sub-folder, or a sub-folder has no image; the message says which.
    /// </exception>
    public ImageFolder(string directory, int height, int width, IReadOnlyList<Normalization>? normalizations = null,
        ImageFit fit = ImageFit.Stretch, IImageDecoder? decoder = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        if (normalizations is { Count: not (1 or 3) })
            throw new ArgumentException($"expected 1 or 3 entries, got {normalizations.Count}", nameof(normalizations));
        if (!Directory.Exists(directory))
            throw new DirectoryNotFoundException($"{directory}: there is no such folder");
        Shape = new ImageShape(3, height, width);
        _normalizations = normalizations ?? [Normalization.None];
        _fit = fit;
        _decoder = decoder ?? new PlatformImageDecoder();

        var folders = Directory.GetDirectories(directory);
        // By character code: labels must not depend on the language settings of the machine.
        Array.Sort(folders, StringComparer.Ordinal);
        foreach (var folder in folders)
            AddClass(folder, Array.IndexOf(folders, folder));
        ClassNames = Array.AsReadOnly(Array.ConvertAll(folders, folder => Path.GetFileName(folder)));
        if (folders.Length == 0)
            throw new TensorIOException($"{directory} has no sub-folder; one was expected for each class");
    }

    /// <summary>The number of images.</summary>
    public int Count => _files.Count;

    /// <summary>The size of an image in a batch.</summary>
    public ImageShape Shape { get; }

    /// <summary>The names of the sub-folders; labels are indices into this list.</summary>
    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>The image (3, H, W) and its label (0-d).</summary>
    /// <exception cref="TensorIOException">The file cannot be read; the message names it.</exception>
    public (Tensor Input, Tensor Target) this[int index]
    {
        get
        {
            var image = Tensor.Empty([Shape.Channels, Shape.Height, Shape.Width], DType.Float32, Device.Cpu);
            Read(index, image.AsSpan<float>());
            return (image, Tensor.FromScalar(Label(index), DType.Int64, Device.Cpu));
        }
    }

    /// <summary>The file of an image.</summary>
    public string PathOf(int index) => _files[index].Path;

    /// <summary>The label of an image.</summary>
    public int Label(int index) => _files[index].Label;

    /// <inheritdoc/>
    /// <exception cref="TensorIOException">A file cannot be read; the message names it.</exception>
    public Batch GetBatch(ReadOnlySpan<int> indices)
    {
        long[] size = [indices.Length, Shape.Channels, Shape.Height, Shape.Width];
        var batch = new Batch(Tensor.Empty(size, DType.Float32, Device.Cpu),
            Tensor.Empty([indices.Length], DType.Int64, Device.Cpu));
        try
        {
            var images = batch.Inputs.AsSpan<float>();
            var labels = batch.Targets.AsSpan<long>();
            for (var i = 0; i < indices.Length; i++)
            {
                BatchWork.ThrowIfUnwanted();
                Read(indices[i], images.Slice(i * Shape.Count, Shape.Count));
                labels[i] = Label(indices[i]);
            }
            return batch;
        }
        catch
        {
            batch.Dispose();
            throw;
        }
    }

    private void AddClass(string folder, int label)
    {
        var files = Directory.GetFiles(folder)
            .Where(file => Extensions.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase)).ToArray();
        if (files.Length == 0)
            throw new TensorIOException($"{folder} has no image files ({string.Join(", ", Extensions)})");
        Array.Sort(files, StringComparer.Ordinal);
        _files.AddRange(files.Select(file => (file, label)));
    }

    private void Read(int index, Span<float> target)
    {
        var (path, _) = _files[index];
        ImageResizer.Resize(_decoder.Decode(path), Shape.Height, Shape.Width, _fit, target);
        for (var channel = 0; channel < 3; channel++)
        {
            var (mean, deviation) = _normalizations[Math.Min(channel, _normalizations.Count - 1)];
            foreach (ref var value in target.Slice(channel * Shape.PlaneCount, Shape.PlaneCount))
                value = (value / 255 - mean) / deviation;
        }
    }
}
