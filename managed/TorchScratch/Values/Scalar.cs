// A number that is not in a tensor, with its kind: bool, integer or floating point.

using System.Globalization;
using TorchScratch.Interop;

namespace TorchScratch;

/// <summary>
/// A number as the operand of an operator, as in <c>x * 2</c>. As in PyTorch it can promote the class of the result
/// (bool, integer, floating point), but not the width: both <c>2</c> and <c>2.5</c> with a float32 tensor give float32.
/// C# numbers convert implicitly.
/// </summary>
public readonly struct Scalar : IEquatable<Scalar>
{
    private readonly long _bits;
    private readonly ts_scalar_kind _kind;

    private Scalar(long bits, ts_scalar_kind kind) => (_bits, _kind) = (bits, kind);

    /// <summary>A bool.</summary>
    public Scalar(bool value) => this = value;

    /// <summary>An integer.</summary>
    public Scalar(int value) => this = value;

    /// <summary>An integer.</summary>
    public Scalar(long value) => this = value;

    /// <summary>A floating-point number.</summary>
    public Scalar(double value) => this = value;

    /// <summary>Whether it is floating point.</summary>
    public bool IsFloatingPoint => _kind == ts_scalar_kind.TS_SCALAR_FLOAT;

    /// <summary>Whether it is an integer; a bool is not.</summary>
    public bool IsInteger => _kind == ts_scalar_kind.TS_SCALAR_INT;

    /// <summary>Whether it is a bool.</summary>
    public bool IsBoolean => _kind == ts_scalar_kind.TS_SCALAR_BOOL;

    /// <summary>The value as a double; a long beyond 2^53 is rounded.</summary>
    public double ToDouble() => IsFloatingPoint ? BitConverter.Int64BitsToDouble(_bits) : _bits;

    /// <summary>The value as a float, rounded.</summary>
    public float ToSingle() => (float)ToDouble();

    /// <summary>The value as a long; a floating-point value is truncated towards zero.</summary>
    /// <exception cref="ValueException">It is NaN, infinite or out of range.</exception>
    public long ToInt64() => ToInteger(long.MinValue, long.MaxValue, nameof(ToInt64));

    /// <summary>The value as an integer of a range, for a method that an error names.</summary>
    internal long ToInteger(long low, long high, string method)
    {
        var number = IsFloatingPoint ? ToDouble() : 0;
        // 2^63 is the first double that a long cannot hold.
        if (number is not (>= long.MinValue and < 9223372036854775808.0))
            throw TorchScratchException.Of(ErrorKind.Value, method, $"the number {this} is not an integer of 64 bits");
        var value = IsFloatingPoint ? (long)number : _bits;
        return value >= low && value <= high
            ? value
            : throw TorchScratchException.Of(ErrorKind.Value, method, $"the number {this} is not in {low} to {high}");
    }

    /// <summary>Whether it is not zero.</summary>
    public bool ToBoolean() => IsFloatingPoint ? ToDouble() != 0 : _bits != 0;

    /// <summary>A bool.</summary>
    public static implicit operator Scalar(bool value) => new(value ? 1 : 0, ts_scalar_kind.TS_SCALAR_BOOL);

    /// <summary>An integer.</summary>
    public static implicit operator Scalar(int value) => new(value, ts_scalar_kind.TS_SCALAR_INT);

    /// <summary>An integer.</summary>
    public static implicit operator Scalar(long value) => new(value, ts_scalar_kind.TS_SCALAR_INT);

    /// <summary>A floating-point number.</summary>
    public static implicit operator Scalar(float value) => (double)value;

    /// <summary>A floating-point number.</summary>
    public static implicit operator Scalar(double value) =>
        new(BitConverter.DoubleToInt64Bits(value), ts_scalar_kind.TS_SCALAR_FLOAT);

    /// <summary>A floating-point number.</summary>
    public static implicit operator Scalar(Half value) => (double)value;

    /// <summary>A floating-point number.</summary>
    public static implicit operator Scalar(BFloat16 value) => (double)(float)value;

    /// <summary>The negated value; a bool becomes an integer.</summary>
    public static Scalar operator -(Scalar value) => value.IsFloatingPoint ? -value.ToDouble() : -value.ToInt64();

    /// <summary>Whether value and kind are equal: <c>1</c> differs from <c>1.0</c>.</summary>
    public static bool operator ==(Scalar left, Scalar right) => left.Equals(right);

    /// <summary>Whether value or kind differ.</summary>
    public static bool operator !=(Scalar left, Scalar right) => !left.Equals(right);

    /// <inheritdoc/>
    public bool Equals(Scalar other) => _kind == other._kind &&
        (IsFloatingPoint ? ToDouble().Equals(other.ToDouble()) : _bits == other._bits);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Scalar other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => IsFloatingPoint ? ToDouble().GetHashCode() : HashCode.Combine(_kind, _bits);

    /// <summary>The value as text, in the invariant culture.</summary>
    public override string ToString() => _kind switch
    {
        ts_scalar_kind.TS_SCALAR_FLOAT => ToDouble().ToString(CultureInfo.InvariantCulture),
        ts_scalar_kind.TS_SCALAR_INT => _bits.ToString(CultureInfo.InvariantCulture),
        _ => ToBoolean().ToString(),
    };

    internal ts_scalar ToNative() => new() { bits = _bits, kind = (int)_kind };

    internal static Scalar FromNative(ts_scalar value) => new(value.bits, (ts_scalar_kind)value.kind);
}
