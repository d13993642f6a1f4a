// Comparisons of whole tensors, with one answer.

namespace TorchScratch;

public partial class Tensor
{
    /// <summary>
    /// Whether both have the same shape and equal elements; NaN equals nothing. Element types may differ.
    /// </summary>
    /// <remarks>PyTorch: `equal`.</remarks>
    public bool Equal(Tensor other)
    {
        NotNull(other);
        if (Shape != other.Shape)
            return false;
        using var scope = Scope();
        return Eq(other).All().ToBoolean();
    }

    /// <inheritdoc cref="Equal(Tensor)"/>
    public static bool Equal(Tensor self, Tensor other) => NotNull(self).Equal(other);

    /// <summary>
    /// Whether |x - y| &lt;= atol + rtol |y| for each element x of this tensor and y of the other, with broadcasting.
    /// </summary>
    /// <remarks>PyTorch: `allclose`.</remarks>
    /// <param name="other">The tensor to compare with.</param>
    /// <param name="rtol">The difference allowed, relative to the other tensor.</param>
    /// <param name="atol">The difference always allowed.</param>
    /// <param name="equalNan">Whether NaN is close to NaN.</param>
    public bool AllClose(Tensor other, double rtol = 1e-5, double atol = 1e-8, bool equalNan = false)
    {
        using var scope = Scope();
        return IsClose(NotNull(other), rtol, atol, equalNan).All().ToBoolean();
    }

    /// <inheritdoc cref="AllClose(Tensor, double, double, bool)"/>
    public static bool AllClose(Tensor self, Tensor other, double rtol = 1e-5, double atol = 1e-8,
        bool equalNan = false) =>
        NotNull(self).AllClose(other, rtol, atol, equalNan);
}
