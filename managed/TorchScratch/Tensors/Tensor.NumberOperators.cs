// The operators with numbers of one type each, for F#, which converts no operands. C# calls those with Scalar.

using System.Runtime.CompilerServices;

namespace TorchScratch;

public partial class Tensor
{
    /// <inheritdoc cref="operator +(Tensor, Tensor)"/>
    [OverloadResolutionPriority(-1)]
    public static Tensor operator +(Tensor left, int right) => left + (Scalar)right;

    /// <inheritdoc cref="operator +(Tensor, Tensor)"/>
    [OverloadResolutionPriority(-1)]
    public static Tensor operator +(int left, Tensor right) => (Scalar)left + right;

    /// <inheritdoc cref="operator +(Tensor, Tensor)"/>
    [OverloadResolutionPriority(-1)]
    public static Tensor operator +(Tensor left, long right) => left + (Scalar)right;

    /// <inheritdoc cref="operator +(Tensor, Tensor)"/>
    [OverloadResolutionPriority(-1)]
    public static Tensor operator +(long left, Tensor right) => (Scalar)left + right;

    /// <inheritdoc cref="operator +(Tensor, Tensor)"/>
    [OverloadResolutionPriority(-1)]
    public static Tensor operator +(Tensor left, float right) => left + (Scalar)right;

    /// <inheritdoc cref="operator +(Tensor, Tensor)"/>
    [OverloadResolutionPriority(-1)]
    public static Tensor operator +(float left, Tensor right) => (Scalar)left + right;

    /// <inheritdoc cref="operator +(Tensor, Tensor)"/>
    [OverloadResolutionPriority(-1)]
    public static Tensor operator +(Tensor left, double right) => left + (Scalar)right;

    /// <inheritdoc cref="operator +(Tensor, Tensor)"/>
    [OverloadResolutionPriority(-1)]
    public static Tensor operator +(double left, Tensor right) => (Scalar)left + right;

    /// <inheritdoc cref="operator -(Tensor, Tensor)"/>
    [OverloadResolutionPriority(-1)]
    public static Tensor operator -(Tensor left, int right) => left - (Scalar)right;

    /// <inheritdoc cref="operator -(Tensor, Tensor)"/>
    [OverloadResolutionPriority(-1)]
    public static Tensor operator -(int left, Tensor right) => (Scalar)left - right;

    /// <inheritdoc cref="operator -(Tensor, Tensor)"/>
    [OverloadResolutionPriority(-1)]
    public static Tensor operator -(Tensor left, long right) => left - (Scalar)right;

    /// <inheritdoc cref="operator -(Tensor, Tensor)"/>
    [OverloadResolutionPriority(-1)]
    public static Tensor operator -(long left, Tensor right) => (Scalar)left - right;

    /// <inheritdoc cref="operator -(Tensor, Tensor)"/>
    [OverloadResolutionPriority(-1)]
    public static Tensor operator -(Tensor left, float right) => left - (Scalar)right;

    /// <inheritdoc cref="operator -(Tensor, Tensor)"/>
    [OverloadResolutionPriority(-1)]
    public static Tensor operator -(float left, Tensor right) => (Scalar)left - right;

    /// <inheritdoc cref="operator -(Tensor, Tensor)"/>
    [OverloadResolutionPriority(-1)]
    public static Tensor operator -(Tensor left, double right) => left - (Scalar)right;

    /// <inheritdoc cref="operator -(Tensor, Tensor)"/>
    [OverloadResolutionPriority(-1)]
    public static Tensor operator -(double left, Tensor right) => (Scalar)left - right;

    /// <inheritdoc cref="operator *(Tensor, Tensor)"/>
    [OverloadResolutionPriority(-1)]
    public static Tensor operator *(Tensor left, int right) => left * (Scalar)right;

    /// <inheritdoc cref="operator *(Tensor, Tensor)"/>
    [OverloadResolutionPriority(-1)]
    public static Tensor operator *(int left, Tensor right) => (Scalar)left * right;

    /// <inheritdoc cref="operator *(Tensor, Tensor)"/>
    [OverloadResolutionPriority(-1)]
    public static Tensor operator *(Tensor left, long right) => left * (Scalar)right;

    /// <inheritdoc cref="operator *(Tensor, Tensor)"/>
    [OverloadResolutionPriority(-1)]
    public static Tensor operator *(long left, Tensor right) => (Scalar)left * right;

    /// <inheritdoc cref="operator *(Tensor, Tensor)"/>
    [OverloadResolutionPriority(-1)]
    public static Tensor operator *(Tensor left, float right) => left * (Scalar)right;

    /// <inheritdoc cref="operator *(Tensor, Tensor)"/>
    [OverloadResolutionPriority(-1)]
    public static Tensor operator *(float left, Tensor right) => (Scalar)left * right;

    /// <inheritdoc cref="operator *(Tensor, Tensor)"/>
    [OverloadResolutionPriority(-1)]
    public static Tensor operator *(Tensor left, double right) => left * (Scalar)right;

    /// <inheritdoc cref="operator *(Tensor, Tensor)"/>
    [OverloadResolutionPriority(-1)]
    public static Tensor operator *(double left, Tensor right) => (Scalar)left * right;

    /// <inheritdoc cref="operator /(Tensor, Tensor)"/>
    [OverloadResolutionPriority(-1)]
    public static Tensor operator /(Tensor left, int right) => left / (Scalar)right;

    /// <inheritdoc cref="operator /(Tensor, Tensor)"/>
    [OverloadResolutionPriority(-1)]
    public static Tensor operator /(int left, Tensor right) => (Scalar)left / right;

    /// <inheritdoc cref="operator /(Tensor, Tensor)"/>
    [OverloadResolutionPriority(-1)]
    public static Tensor operator /(Tensor left, long right) => left / (Scalar)right;

    /// <inheritdoc cref="operator /(Tensor, Tensor)"/>
    [OverloadResolutionPriority(-1)]
    public static Tensor operator /(long left, Tensor right) => (Scalar)left / right;

    /// <inheritdoc cref="operator /(Tensor, Tensor)"/>
    [OverloadResolutionPriority(-1)]
    public static Tensor operator /(Tensor left, float right) => left / (Scalar)right;

    /// <inheritdoc cref="operator /(Tensor, Tensor)"/>
    [OverloadResolutionPriority(-1)]
    public static Tensor operator /(float left, Tensor right) => (Scalar)left / right;

    /// <inheritdoc cref="operator /(Tensor, Tensor)"/>
    [OverloadResolutionPriority(-1)]
    public static Tensor operator /(Tensor left, double right) => left / (Scalar)right;

    /// <inheritdoc cref="operator /(Tensor, Tensor)"/>
    [OverloadResolutionPriority(-1)]
    public static Tensor operator /(double left, Tensor right) => (Scalar)left / right;

    /// <inheritdoc cref="operator %(Tensor, Tensor)"/>
    [OverloadResolutionPriority(-1)]
    public static Tensor operator %(Tensor left, int right) => left % (Scalar)right;

    /// <inheritdoc cref="operator %(Tensor, Tensor)"/>
    [OverloadResolutionPriority(-1)]
    public static Tensor operator %(int left, Tensor right) => (Scalar)left % right;

    /// <inheritdoc cref="operator %(Tensor, Tensor)"/>
    [OverloadResolutionPriority(-1)]
    public static Tensor operator %(Tensor left, long right) => left % (Scalar)right;

    /// <inheritdoc cref="operator %(Tensor, Tensor)"/>
    [OverloadResolutionPriority(-1)]
    public static Tensor operator %(long left, Tensor right) => (Scalar)left % right;

    /// <inheritdoc cref="operator %(Tensor, Tensor)"/>
    [OverloadResolutionPriority(-1)]
    public static Tensor operator %(Tensor left, float right) => left % (Scalar)right;

    /// <inheritdoc cref="operator %(Tensor, Tensor)"/>
    [OverloadResolutionPriority(-1)]
    public static Tensor operator %(float left, Tensor right) => (Scalar)left % right;

    /// <inheritdoc cref="operator %(Tensor, Tensor)"/>
    [OverloadResolutionPriority(-1)]
    public static Tensor operator %(Tensor left, double right) => left % (Scalar)right;

    /// <inheritdoc cref="operator %(Tensor, Tensor)"/>
    [OverloadResolutionPriority(-1)]
    public static Tensor operator %(double left, Tensor right) => (Scalar)left % right;
}
