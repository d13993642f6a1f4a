// One-hot encoding of classes.

namespace TorchScratch.Data;

/// <summary>Converts class indices to one-hot vectors, for losses that compare probabilities.</summary>
public sealed class OneHot
{
    private readonly int _classes;
    private readonly float _smoothing;

    /// <summary>Creates the encoding.</summary>
    /// <param name="classes">The number of classes.</param>
    /// <param name="smoothing">
    /// Label smoothing, in [0, 1]: the probability that is taken from the class and spread evenly over all classes. See
    /// Szegedy et al., "Rethinking the Inception architecture" (2016), section 7.
    /// </param>
    public OneHot(int classes, float smoothing = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 1);
        (_classes, _smoothing) = (classes, Probability.Checked(smoothing));
    }

    /// <summary>Encodes labels.</summary>
    /// <param name="labels">Labels of any shape (...), Int64, each from 0 to classes - 1.</param>
    /// <returns>(..., classes) of Float32, on the device of the labels.</returns>
    /// <exception cref="TensorIndexException">A label is out of range.</exception>
    public Tensor Apply(Tensor labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        using var host = labels.Cpu();
        using var contiguous = host.Contiguous();
        var classes = contiguous.AsSpan<long>();
        foreach (var label in classes)
        {
            if ((ulong)label >= (ulong)_classes)
                throw new TensorIndexException($"OneHot: label {label}, expected 0 to {_classes - 1}");
        }
        var result = Tensor.Empty([.. labels.Shape, _classes], DType.Float32, Device.Cpu);
        var target = result.AsSpan<float>();
        target.Fill(_smoothing / _classes);
        for (var i = 0; i < classes.Length; i++)
            target[i * _classes + (int)classes[i]] += 1 - _smoothing;
        if (!labels.IsCuda)
            return result;
        using (result)
            return result.To(labels.Device);
    }
}
