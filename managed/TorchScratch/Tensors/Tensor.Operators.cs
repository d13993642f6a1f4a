// C# operators, which call the generated methods, and numbers as tensors. == compares elements, as all of them do;
// Equals compares references, so that tensors can be keys of dictionaries, and `is null` tests for null.

using System.Runtime.CompilerServices;

namespace TorchScratch;

public partial class Tensor
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

    /// <summary>
    /// Whether each element of left equals that of right; a bool tensor, with broadcasting. Write <c>x is null</c> to
    /// test for null, <see cref="Equal(Tensor)"/> for one answer, and <see cref="IsSame"/> or
    /// <see cref="object.ReferenceEquals"/> for identity.
    /// </summary>
    public static Tensor operator ==(Tensor left, Tensor right) => Compared(left, "==").Eq(Compared(right, "=="));

    /// <inheritdoc cref="operator ==(Tensor, Tensor)"/>
    public static Tensor operator ==(Tensor left, Scalar right) => Compared(left, "==").Eq(right);

    /// <inheritdoc cref="operator ==(Tensor, Tensor)"/>
    public static Tensor operator ==(Scalar left, Tensor right) => Compared(right, "==").Eq(left);

    /// <summary>
    /// Whether each element of left differs from that of right; a bool tensor, with broadcasting. Write
    /// <c>x is not null</c> to test for null.
    /// </summary>
    public static Tensor operator !=(Tensor left, Tensor right) => Compared(left, "!=").Ne(Compared(right, "!="));

    /// <inheritdoc cref="operator !=(Tensor, Tensor)"/>
    public static Tensor operator !=(Tensor left, Scalar right) => Compared(left, "!=").Ne(right);

    /// <inheritdoc cref="operator !=(Tensor, Tensor)"/>
    public static Tensor operator !=(Scalar left, Tensor right) => Compared(right, "!=").Ne(left);

    /// <summary>Whether both are the same object, as for any class; <c>==</c> compares elements.</summary>
    public sealed override bool Equals(object? obj) => ReferenceEquals(this, obj);

    /// <summary>A hash code of the object, which does not depend on elements.</summary>
    public sealed override int GetHashCode() => RuntimeHelpers.GetHashCode(this);

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

    // On the CPU, whatever the default device is: operators take 0-d tensors of the CPU beside tensors of any device.

    /// <summary>A 0-d int64 tensor on the CPU.</summary>
    public static implicit operator Tensor(int value) => FromScalar(value, device: Device.Cpu);

    /// <summary>A 0-d int64 tensor on the CPU.</summary>
    public static implicit operator Tensor(long value) => FromScalar(value, device: Device.Cpu);

    /// <summary>
    /// A 0-d float64 tensor on the CPU, so that assigned numbers keep their digits. In an operator with other
    /// floating-point tensors of any dimensions it does not change their type.
    /// </summary>
    public static implicit operator Tensor(double value) => FromScalar(value, DType.Float64, Device.Cpu);

    /// <summary>A 0-d float32 tensor on the CPU.</summary>
    public static implicit operator Tensor(float value) => FromScalar(value, DType.Float32, Device.Cpu);

    /// <summary>A 0-d bool tensor on the CPU.</summary>
    public static implicit operator Tensor(bool value) => FromScalar(value, device: Device.Cpu);

    /// <summary>A 0-d tensor on the CPU: bool, int64 or float64; null for null.</summary>
    public static implicit operator Tensor?(Scalar? value) => value is not { } number ? null
        : FromScalar(number, number.IsFloatingPoint ? DType.Float64 : default(OptionalDType), Device.Cpu);

    private static Tensor Compared(Tensor? tensor, string name,
        [CallerArgumentExpression(nameof(tensor))] string? argument = null) => tensor ??
            throw new ArgumentNullException(argument, $"operator {name} compares elements and cannot take null; write " +
                "`x is null` or `x is not null` to test for null");

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
