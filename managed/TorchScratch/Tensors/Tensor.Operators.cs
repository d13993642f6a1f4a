// C# operators over the generated methods. == stays reference equality; Eq compares elements.

namespace TorchScratch;

public sealed partial class Tensor
{
    /// <summary>Elements added, broadcast.</summary>
    public static Tensor operator +(Tensor left, Tensor right) => NotNull(left).Add(right);

    /// <inheritdoc cref="operator +(Tensor, Tensor)"/>
    public static Tensor operator +(Tensor left, Scalar right) => NotNull(left).Add(right);

    /// <inheritdoc cref="operator +(Tensor, Tensor)"/>
    public static Tensor operator +(Scalar left, Tensor right) => NotNull(right).Add(left);

    /// <summary>Elements subtracted, broadcast.</summary>
    public static Tensor operator -(Tensor left, Tensor right) => NotNull(left).Sub(right);

    /// <inheritdoc cref="operator -(Tensor, Tensor)"/>
    public static Tensor operator -(Tensor left, Scalar right) => NotNull(left).Sub(right);

    /// <inheritdoc cref="operator -(Tensor, Tensor)"/>
    public static Tensor operator -(Scalar left, Tensor right) => Sub(left, right);

    /// <summary>Elements multiplied, broadcast; <c>Matmul</c> is the product of matrices.</summary>
    public static Tensor operator *(Tensor left, Tensor right) => NotNull(left).Mul(right);

    /// <inheritdoc cref="operator *(Tensor, Tensor)"/>
    public static Tensor operator *(Tensor left, Scalar right) => NotNull(left).Mul(right);

    /// <inheritdoc cref="operator *(Tensor, Tensor)"/>
    public static Tensor operator *(Scalar left, Tensor right) => NotNull(right).Mul(left);

    /// <summary>Elements divided, broadcast; always floating.</summary>
    public static Tensor operator /(Tensor left, Tensor right) => NotNull(left).TrueDivide(right);

    /// <inheritdoc cref="operator /(Tensor, Tensor)"/>
    public static Tensor operator /(Tensor left, Scalar right) => NotNull(left).TrueDivide(right);

    /// <inheritdoc cref="operator /(Tensor, Tensor)"/>
    public static Tensor operator /(Scalar left, Tensor right) => TrueDivide(left, right);

    /// <summary>Remainders, broadcast, with the sign of the divisor as in Python.</summary>
    public static Tensor operator %(Tensor left, Tensor right) => NotNull(left).Remainder(right);

    /// <inheritdoc cref="operator %(Tensor, Tensor)"/>
    public static Tensor operator %(Tensor left, Scalar right) => NotNull(left).Remainder(right);

    /// <inheritdoc cref="operator %(Tensor, Tensor)"/>
    public static Tensor operator %(Scalar left, Tensor right) => Remainder(left, right);

    /// <summary>Elements with their signs turned.</summary>
    public static Tensor operator -(Tensor tensor) => NotNull(tensor).Neg();

    /// <summary>Where left is smaller; bool.</summary>
    public static Tensor operator <(Tensor left, Tensor right) => NotNull(left).Lt(right);

    /// <inheritdoc cref="operator &lt;(Tensor, Tensor)"/>
    public static Tensor operator <(Tensor left, Scalar right) => NotNull(left).Lt(right);

    /// <inheritdoc cref="operator &lt;(Tensor, Tensor)"/>
    public static Tensor operator <(Scalar left, Tensor right) => NotNull(right).Gt(left);

    /// <summary>Where left is larger; bool.</summary>
    public static Tensor operator >(Tensor left, Tensor right) => NotNull(left).Gt(right);

    /// <inheritdoc cref="operator &gt;(Tensor, Tensor)"/>
    public static Tensor operator >(Tensor left, Scalar right) => NotNull(left).Gt(right);

    /// <inheritdoc cref="operator &gt;(Tensor, Tensor)"/>
    public static Tensor operator >(Scalar left, Tensor right) => NotNull(right).Lt(left);

    /// <summary>Where left is not larger; bool.</summary>
    public static Tensor operator <=(Tensor left, Tensor right) => NotNull(left).Le(right);

    /// <inheritdoc cref="operator &lt;=(Tensor, Tensor)"/>
    public static Tensor operator <=(Tensor left, Scalar right) => NotNull(left).Le(right);

    /// <inheritdoc cref="operator &lt;=(Tensor, Tensor)"/>
    public static Tensor operator <=(Scalar left, Tensor right) => NotNull(right).Ge(left);

    /// <summary>Where left is not smaller; bool.</summary>
    public static Tensor operator >=(Tensor left, Tensor right) => NotNull(left).Ge(right);

    /// <inheritdoc cref="operator &gt;=(Tensor, Tensor)"/>
    public static Tensor operator >=(Tensor left, Scalar right) => NotNull(left).Ge(right);

    /// <inheritdoc cref="operator &gt;=(Tensor, Tensor)"/>
    public static Tensor operator >=(Scalar left, Tensor right) => NotNull(right).Le(left);

    /// <summary>Where both bool tensors hold.</summary>
    /// <exception cref="DTypeException">An operand is not bool.</exception>
    public static Tensor operator &(Tensor left, Tensor right) => Mask(left, "&").LogicalAnd(Mask(right, "&"));

    /// <summary>Where either bool tensor holds.</summary>
    /// <exception cref="DTypeException">An operand is not bool.</exception>
    public static Tensor operator |(Tensor left, Tensor right) => Mask(left, "|").LogicalOr(Mask(right, "|"));

    /// <summary>Where just one of two bool tensors holds.</summary>
    /// <exception cref="DTypeException">An operand is not bool.</exception>
    public static Tensor operator ^(Tensor left, Tensor right) => Mask(left, "^").LogicalXor(Mask(right, "^"));

    /// <summary>Where a bool tensor does not hold.</summary>
    /// <exception cref="DTypeException">It is not bool.</exception>
    public static Tensor operator !(Tensor tensor) => Mask(tensor, "!").LogicalNot();

    // Over integers these operators mean bits elsewhere, so silence would be wrong.
    private static Tensor Mask(Tensor tensor, string name)
    {
        var dtype = NotNull(tensor).DType;
        return dtype == DType.Bool
            ? tensor
            : throw new DTypeException(
                $"operator {name} takes bool tensors, not {dtype.Name}; compare first, as in x > 0");
    }
}
