// C# operators, which call the generated methods. == compares references; Eq compares elements.

using System.Runtime.CompilerServices;

namespace TorchScratch;

public sealed partial class Tensor
{
    /// <summary>The elementwise sum, with broadcasting.</summary>
    public static Tensor operator +(Tensor left, Tensor right) => NotNull(left).Add(right);

    /// <inheritdoc cref="operator +(Tensor, Tensor)"/>
    public static Tensor operator +(Tensor left, Scalar right) => NotNull(left).Add(right);

    /// <inheritdoc cref="operator +(Tensor, Tensor)"/>
    public static Tensor operator +(Scalar left, Tensor right) => NotNull(right).Add(left);

    /// <summary>The elementwise difference, with broadcasting.</summary>
    public static Tensor operator -(Tensor left, Tensor right) => NotNull(left).Sub(right);

    /// <inheritdoc cref="operator -(Tensor, Tensor)"/>
    public static Tensor operator -(Tensor left, Scalar right) => NotNull(left).Sub(right);

    /// <inheritdoc cref="operator -(Tensor, Tensor)"/>
    public static Tensor operator -(Scalar left, Tensor right) => Sub(left, right);

    /// <summary>The elementwise product, with broadcasting; <c>MatMul</c> is the matrix product.</summary>
    public static Tensor operator *(Tensor left, Tensor right) => NotNull(left).Mul(right);

    /// <inheritdoc cref="operator *(Tensor, Tensor)"/>
    public static Tensor operator *(Tensor left, Scalar right) => NotNull(left).Mul(right);

    /// <inheritdoc cref="operator *(Tensor, Tensor)"/>
    public static Tensor operator *(Scalar left, Tensor right) => NotNull(right).Mul(left);

    /// <summary>The elementwise quotient, with broadcasting; the result is always floating point.</summary>
    public static Tensor operator /(Tensor left, Tensor right) => NotNull(left).TrueDivide(right);

    /// <inheritdoc cref="operator /(Tensor, Tensor)"/>
    public static Tensor operator /(Tensor left, Scalar right) => NotNull(left).TrueDivide(right);

    /// <inheritdoc cref="operator /(Tensor, Tensor)"/>
    public static Tensor operator /(Scalar left, Tensor right) => TrueDivide(left, right);

    /// <summary>The elementwise remainder, with broadcasting and, as in Python, the sign of the divisor.</summary>
    public static Tensor operator %(Tensor left, Tensor right) => NotNull(left).Remainder(right);

    /// <inheritdoc cref="operator %(Tensor, Tensor)"/>
    public static Tensor operator %(Tensor left, Scalar right) => NotNull(left).Remainder(right);

    /// <inheritdoc cref="operator %(Tensor, Tensor)"/>
    public static Tensor operator %(Scalar left, Tensor right) => Remainder(left, right);

    /// <summary>The negated elements.</summary>
    public static Tensor operator -(Tensor tensor) => NotNull(tensor).Neg();

    /// <summary>Whether each element of left is smaller; a bool tensor, with broadcasting.</summary>
    public static Tensor operator <(Tensor left, Tensor right) => NotNull(left).Lt(right);

    /// <inheritdoc cref="operator &lt;(Tensor, Tensor)"/>
    public static Tensor operator <(Tensor left, Scalar right) => NotNull(left).Lt(right);

    /// <inheritdoc cref="operator &lt;(Tensor, Tensor)"/>
    public static Tensor operator <(Scalar left, Tensor right) => NotNull(right).Gt(left);

    /// <summary>Whether each element of left is larger; a bool tensor, with broadcasting.</summary>
    public static Tensor operator >(Tensor left, Tensor right) => NotNull(left).Gt(right);

    /// <inheritdoc cref="operator &gt;(Tensor, Tensor)"/>
    public static Tensor operator >(Tensor left, Scalar right) => NotNull(left).Gt(right);

    /// <inheritdoc cref="operator &gt;(Tensor, Tensor)"/>
    public static Tensor operator >(Scalar left, Tensor right) => NotNull(right).Lt(left);

    /// <summary>Whether each element of left is smaller or equal; a bool tensor, with broadcasting.</summary>
    public static Tensor operator <=(Tensor left, Tensor right) => NotNull(left).Le(right);

    /// <inheritdoc cref="operator &lt;=(Tensor, Tensor)"/>
    public static Tensor operator <=(Tensor left, Scalar right) => NotNull(left).Le(right);

    /// <inheritdoc cref="operator &lt;=(Tensor, Tensor)"/>
    public static Tensor operator <=(Scalar left, Tensor right) => NotNull(right).Ge(left);

    /// <summary>Whether each element of left is larger or equal; a bool tensor, with broadcasting.</summary>
    public static Tensor operator >=(Tensor left, Tensor right) => NotNull(left).Ge(right);

    /// <inheritdoc cref="operator &gt;=(Tensor, Tensor)"/>
    public static Tensor operator >=(Tensor left, Scalar right) => NotNull(left).Ge(right);

    /// <inheritdoc cref="operator &gt;=(Tensor, Tensor)"/>
    public static Tensor operator >=(Scalar left, Tensor right) => NotNull(right).Le(left);

    /// <summary>The elementwise logical and of two bool tensors, with broadcasting.</summary>
    /// <exception cref="DTypeException">An operand is not bool.</exception>
    public static Tensor operator &(Tensor left, Tensor right)
    {
        ArgumentNullException.ThrowIfNull(right);
        return Mask(left, "&").LogicalAnd(Mask(right, "&"));
    }

    /// <summary>The elementwise logical or of two bool tensors, with broadcasting.</summary>
    /// <exception cref="DTypeException">An operand is not bool.</exception>
    public static Tensor operator |(Tensor left, Tensor right)
    {
        ArgumentNullException.ThrowIfNull(right);
        return Mask(left, "|").LogicalOr(Mask(right, "|"));
    }

    /// <summary>The elementwise exclusive or of two bool tensors, with broadcasting.</summary>
    /// <exception cref="DTypeException">An operand is not bool.</exception>
    public static Tensor operator ^(Tensor left, Tensor right)
    {
        ArgumentNullException.ThrowIfNull(right);
        return Mask(left, "^").LogicalXor(Mask(right, "^"));
    }

    /// <summary>The elementwise negation of a bool tensor.</summary>
    /// <exception cref="DTypeException">The tensor is not bool.</exception>
    public static Tensor operator !(Tensor tensor) => Mask(tensor, "!").LogicalNot();

    // In other libraries these operators are bitwise for integers, so they are rejected rather than
    // given another meaning.
    private static Tensor Mask(Tensor tensor, string name,
        [CallerArgumentExpression(nameof(tensor))] string? argument = null)
    {
        var dtype = NotNull(tensor, argument).DType;
        return dtype == DType.Bool
            ? tensor
            : throw TorchScratchException.Of(ErrorKind.DType, name,
                $"the operator needs bool tensors, got {dtype.Name}; compare first, as in x > 0");
    }
}
