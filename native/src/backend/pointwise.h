// Every pointwise function, written once. A functor's operator() is a template over the kind of number V: float,
// double or int64_t for scalar code and CUDA, or a SIMD vector (cpu/vec-inl.h). Tensor operands come first, then the
// row's scalar parameters. A functor that returns a truth value (bool, or the mask of V) makes a bool tensor.
//
// What it computes is PyTorch's definition, including NaN, infinities, signed zeros and integer division. There are
// no branches: select(condition, yes, no) evaluates both sides, so neither may trap. Truth values combine with
// && || !, which for masks are overloaded and so do not short-circuit either.
//
// The CPU kernels include this header once per instruction set, between HWY_BEFORE_NAMESPACE and HWY_AFTER_NAMESPACE,
// with TS_POINTWISE_TARGET naming the namespace: the compiler inlines a vector instruction only into a function that
// was declared for its instruction set. The guard below is Highway's idiom for that; everybody else sees the usual
// include-once header.
#if defined(TS_BACKEND_POINTWISE_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef TS_BACKEND_POINTWISE_H_
#undef TS_BACKEND_POINTWISE_H_
#else
#define TS_BACKEND_POINTWISE_H_
#endif

#include "backend/scalar_math.h"

namespace ts::pointwise {
#ifdef TS_POINTWISE_TARGET
namespace TS_POINTWISE_TARGET {
#endif

// ---------------------------------------------------------------------------------------------------------------------
// Shared by several functors
// ---------------------------------------------------------------------------------------------------------------------

/// The larger one; NaN if either is NaN.
template <class V>
TS_HD V maximum(V a, V b) {
  return select(a > b || isnan(a), a, b);
}

template <class V>
TS_HD V minimum(V a, V b) {
  return select(a < b || isnan(a), a, b);
}

template <class V>
TS_HD V logistic(V x) {
  return V(1) / (V(1) + exp(-x));
}

/// log(1 + exp(x)), for x small enough that exp does not overflow.
template <class V>
TS_HD V log1p_exp(V x) {
  return log1p(exp(x));
}

/// The normal distribution function.
template <class V>
TS_HD V normal_cdf(V x) {
  return V(0.5) * (V(1) + erf(x * V(0.70710678118654752440)));
}

// a / b rounded toward zero. Integers: 0 for b = 0, which the kernel reports as an error, and the division by -1,
// whose result does not fit for the smallest integer, wraps instead of trapping.
TS_HD std::int64_t quotient(std::int64_t a, std::int64_t b) {
  return b == 0 ? 0 : b == -1 ? -a : a / b;
}
template <class V>
TS_HD V quotient(V a, V b) {
  return trunc(a / b);
}

// Modulus with the sign of b, as Python's %.
template <class V>
TS_HD V python_remainder(V a, V b) {
  const V r = fmod(a, b);
  return select(r != V(0) && (r < V(0)) != (b < V(0)), r + b, r);
}

TS_HD std::int64_t floor_quotient(std::int64_t a, std::int64_t b) {
  const std::int64_t q = quotient(a, b);
  return fmod(a, b) != 0 && (a < 0) != (b < 0) ? q - 1 : q;
}

// Python's float //: the quotient of a less its remainder, which is a whole number up to rounding, made whole.
template <class V>
TS_HD V floor_quotient(V a, V b) {
  const V r = fmod(a, b);
  V q = (a - r) / b;
  q = select(r != V(0) && (b < V(0)) != (r < V(0)), q - V(1), q);
  const V floored = floor(q);
  const V whole = select(q - floored > V(0.5), floored + V(1), floored);
  return select(b == V(0), a / b, select(q == V(0), copysign(V(0), a / b), whole));
}

// ---------------------------------------------------------------------------------------------------------------------
// Unary: arithmetic and rounding
// ---------------------------------------------------------------------------------------------------------------------

// Converting copies never reach it: they go through cpu/convert.h, from any dtype to any other in one step.
struct Copy {
  template <class V>
  TS_HD V operator()(V x) const {
    return x;
  }
};

#define TS_UNARY(Name, expression)      \
  struct Name {                         \
    template <class V>                  \
    TS_HD auto operator()(V x) const {  \
      return expression;                \
    }                                   \
  };
#define TS_BINARY(Name, expression)         \
  struct Name {                             \
    template <class V>                      \
    TS_HD auto operator()(V a, V b) const { \
      return expression;                    \
    }                                       \
  };

TS_UNARY(Neg, -x)
TS_UNARY(Abs, abs(x))
TS_UNARY(Sign, select(x > V(0), V(1), select(x < V(0), V(-1), V(0))))  // 0 for NaN
using Sgn = Sign;  // they differ for complex numbers only
TS_UNARY(Square, (x * x))
TS_UNARY(Sqrt, sqrt(x))
TS_UNARY(Rsqrt, V(1) / sqrt(x))
TS_UNARY(Reciprocal, V(1) / x)
TS_UNARY(Floor, floor(x))
TS_UNARY(Ceil, ceil(x))
TS_UNARY(Round, round_even(x))
TS_UNARY(Trunc, trunc(x))
TS_UNARY(Frac, x - trunc(x))
TS_UNARY(Deg2Rad, (x * V(0.017453292519943295769)))
TS_UNARY(Rad2Deg, (x * V(57.295779513082320877)))

struct NanToNum {
  template <class V>
  TS_HD V operator()(V x, V nan, V posinf, V neginf) const {
    const V infinity = V(std::numeric_limits<double>::infinity());
    return select(isnan(x), nan, select(x == infinity, posinf, select(x == -infinity, neginf, x)));
  }
};

// ---------------------------------------------------------------------------------------------------------------------
// Unary: transcendental functions
// ---------------------------------------------------------------------------------------------------------------------

TS_UNARY(Exp, exp(x))
TS_UNARY(Exp2, exp2(x))
TS_UNARY(Expm1, expm1(x))
TS_UNARY(Log, log(x))
TS_UNARY(Log2, log2(x))
TS_UNARY(Log10, log10(x))
TS_UNARY(Log1p, log1p(x))
TS_UNARY(Sin, sin(x))
TS_UNARY(Cos, cos(x))
TS_UNARY(Tan, tan(x))
TS_UNARY(Asin, asin(x))
TS_UNARY(Acos, acos(x))
TS_UNARY(Atan, atan(x))
TS_UNARY(Sinh, sinh(x))
TS_UNARY(Cosh, cosh(x))
TS_UNARY(Tanh, tanh(x))
TS_UNARY(Asinh, asinh(x))
TS_UNARY(Acosh, acosh(x))
TS_UNARY(Atanh, atanh(x))
TS_UNARY(Erf, erf(x))
TS_UNARY(Erfc, erfc(x))
TS_UNARY(Erfinv, erfinv(x))
TS_UNARY(Lgamma, lgamma(x))
TS_UNARY(Digamma, digamma(x))

struct Polygamma {
  template <class V>
  TS_HD V operator()(V x, V n) const {
    return polygamma(n, x);
  }
};

/// sin(pi x) / (pi x)
struct Sinc {
  template <class V>
  TS_HD V operator()(V x) const {
    const V angle = x * V(3.14159265358979323846);
    return select(x == V(0), V(1), sin(angle) / angle);
  }
};

/// log(x / (1 - x)), with x first clamped to [eps, 1 - eps]; a negative eps stands for none.
struct Logit {
  template <class V>
  TS_HD V operator()(V x, V eps) const {
    const V clamped = select(x < eps, eps, select(x > V(1) - eps, V(1) - eps, x));
    const V p = select(eps < V(0), x, clamped);
    return log(p / (V(1) - p));
  }
};

// ---------------------------------------------------------------------------------------------------------------------
// Unary: activations
// ---------------------------------------------------------------------------------------------------------------------

TS_UNARY(Sigmoid, logistic(x))
TS_UNARY(Relu, select(x <= V(0), V(0), x))  // keeps NaN
TS_UNARY(Relu6, minimum(maximum(x, V(0)), V(6)))
TS_UNARY(Gelu, (x * normal_cdf(x)))
TS_UNARY(Silu, x / (V(1) + exp(-x)))
TS_UNARY(Mish, (x * tanh(log1p_exp(x))))
TS_UNARY(LogSigmoid, minimum(V(0), x) - log1p_exp(-abs(x)))
TS_UNARY(Softsign, x / (V(1) + abs(x)))
TS_UNARY(Tanhshrink, x - tanh(x))
TS_UNARY(Hardsigmoid, minimum(maximum(x + V(3), V(0)), V(6)) / V(6))
TS_UNARY(Hardswish, (x * minimum(maximum(x + V(3), V(0)), V(6)) / V(6)))

// Hendrycks and Gimpel's approximation of the normal distribution function: (1 + tanh(u)) / 2.
struct GeluTanh {
  template <class V>
  TS_HD V operator()(V x) const {
    const V u = V(0.79788456080286535588) * (x + V(0.044715) * x * x * x);  // sqrt(2/pi) (...)
    return V(0.5) * x * (V(1) + tanh(u));
  }
};

/// log(1 + exp(beta x)) / beta; the identity where that would no longer differ (beta x > threshold).
struct Softplus {
  template <class V>
  TS_HD V operator()(V x, V beta, V threshold) const {
    return select(x * beta > threshold, x, log1p_exp(x * beta) / beta);
  }
};

/// Also selu and celu, by their parameters.
struct Elu {
  template <class V>
  TS_HD V operator()(V x, V alpha, V scale, V input_scale) const {
    return select(x < V(0), expm1(x * input_scale) * (alpha * scale), x * scale);
  }
};

struct LeakyRelu {
  template <class V>
  TS_HD V operator()(V x, V negative_slope) const {
    return select(x > V(0), x, x * negative_slope);
  }
};

/// Also hardtanh. NaN stays NaN; for min > max the result is max.
struct Clamp {
  template <class V>
  TS_HD V operator()(V x, V min, V max) const {
    return minimum(maximum(x, min), max);
  }
};
using Hardtanh = Clamp;

struct ClampMin {
  template <class V>
  TS_HD V operator()(V x, V min) const {
    return maximum(x, min);
  }
};

struct ClampMax {
  template <class V>
  TS_HD V operator()(V x, V max) const {
    return minimum(x, max);
  }
};

struct Threshold {
  template <class V>
  TS_HD V operator()(V x, V threshold, V value) const {
    return select(x <= threshold, value, x);
  }
};

struct Softshrink {
  template <class V>
  TS_HD V operator()(V x, V lambda) const {
    return select(x > lambda, x - lambda, select(x < -lambda, x + lambda, select(isnan(x), x, V(0))));
  }
};

struct Hardshrink {
  template <class V>
  TS_HD V operator()(V x, V lambda) const {
    return select(x >= -lambda && x <= lambda, V(0), x);
  }
};

// ---------------------------------------------------------------------------------------------------------------------
// Unary: truth values and bits
// ---------------------------------------------------------------------------------------------------------------------

TS_UNARY(IsNan, isnan(x))
TS_UNARY(LogicalNot, x == V(0))
TS_UNARY(SignBit, signbit(x))

// x - x is 0 exactly for finite floating numbers, and for every integer.
TS_UNARY(IsFinite, x - x == V(0))
TS_UNARY(IsInf, !(x - x == V(0) || isnan(x)))

struct BitwiseNot {
  using ForBool = LogicalNot;  // of bool tensors: ~1 would be another truth
  template <class V>
  TS_HD V operator()(V x) const {
    return ~x;
  }
};

// ---------------------------------------------------------------------------------------------------------------------
// Binary: arithmetic
// ---------------------------------------------------------------------------------------------------------------------

struct Add {
  template <class V>
  TS_HD V operator()(V a, V b, V alpha) const {
    return a + alpha * b;
  }
};

struct Sub {
  template <class V>
  TS_HD V operator()(V a, V b, V alpha) const {
    return a - alpha * b;
  }
};

// Asks the kernel to reject integer zeros among the second operand, as PyTorch does.
struct ChecksDivisor {
  static constexpr bool checks_divisor = true;
};

TS_BINARY(Mul, (a * b))
TS_BINARY(Div, a / b)

struct DivFloor : ChecksDivisor {
  template <class V>
  TS_HD V operator()(V a, V b) const {
    return floor_quotient(a, b);
  }
};

struct DivTrunc : ChecksDivisor {
  template <class V>
  TS_HD V operator()(V a, V b) const {
    return quotient(a, b);
  }
};

struct Remainder : ChecksDivisor {
  template <class V>
  TS_HD V operator()(V a, V b) const {
    return python_remainder(a, b);
  }
};

struct Fmod : ChecksDivisor {
  template <class V>
  TS_HD V operator()(V a, V b) const {
    return fmod(a, b);
  }
};

TS_BINARY(Pow, pow(a, b))
TS_BINARY(Maximum, maximum(a, b))
TS_BINARY(Minimum, minimum(a, b))
TS_BINARY(Fmax, select(a > b || isnan(b), a, b))  // NaN only if both are
TS_BINARY(Fmin, select(a < b || isnan(b), a, b))
TS_BINARY(Atan2, atan2(a, b))
TS_BINARY(Hypot, hypot(a, b))
TS_BINARY(CopySign, copysign(a, b))
TS_BINARY(NextAfter, nextafter(a, b))
TS_BINARY(Heaviside, select(a == V(0), b, select(a > V(0), V(1), V(0))))
TS_BINARY(Xlogy, select(isnan(b), b, select(a == V(0), V(0), (a * log(b)))))

/// log(exp(a) + exp(b)) around the larger one. Equal infinities would give inf - inf.
struct LogAddExp {
  template <class V>
  TS_HD V operator()(V a, V b) const {
    const V larger = maximum(a, b);
    return select(a == b && !(a - a == V(0)), a, larger + log1p_exp(-abs(a - b)));
  }
};

struct LogAddExp2 {
  template <class V>
  TS_HD V operator()(V a, V b) const {
    const V larger = maximum(a, b);
    const V log2_e = V(1.44269504088896340736);
    return select(a == b && !(a - a == V(0)), a, larger + log2_e * log1p(exp2(-abs(a - b))));
  }
};

TS_BINARY(Gcd, greatest_common_divisor(a, b))
TS_BINARY(Lcm, abs(quotient(a, greatest_common_divisor(a, b)) * b))  // 0 where both are 0

// ---------------------------------------------------------------------------------------------------------------------
// Binary: truth values and bits
// ---------------------------------------------------------------------------------------------------------------------

TS_BINARY(Eq, a == b)
TS_BINARY(Ne, a != b)
TS_BINARY(Lt, a < b)
TS_BINARY(Le, a <= b)
TS_BINARY(Gt, a > b)
TS_BINARY(Ge, a >= b)
TS_BINARY(LogicalAnd, a != V(0) && b != V(0))
TS_BINARY(LogicalOr, a != V(0) || b != V(0))
TS_BINARY(LogicalXor, (a != V(0)) != (b != V(0)))

TS_BINARY(BitwiseAnd, (a & b))
TS_BINARY(BitwiseOr, a | b)
TS_BINARY(BitwiseXor, a ^ b)

// Shifting by a negative count or by all the bits leaves nothing (left) or only the sign (right). Narrower types agree
// once the result is cut to their width.
struct BitwiseLeftShift {
  template <class V>
  TS_HD V operator()(V a, V b) const {
    return b < V(0) || b > V(63) ? V(0) : static_cast<V>(static_cast<std::uint64_t>(a) << (b & V(63)));
  }
};

struct BitwiseRightShift {
  template <class V>
  TS_HD V operator()(V a, V b) const {
    return a >> (b < V(0) || b > V(63) ? V(63) : b);
  }
};

// ---------------------------------------------------------------------------------------------------------------------
// Ternary
// ---------------------------------------------------------------------------------------------------------------------

struct Where {
  template <class V>
  TS_HD V operator()(V condition, V a, V b) const {
    return select(condition != V(0), a, b);
  }
};

struct Addcmul {
  template <class V>
  TS_HD V operator()(V x, V a, V b, V value) const {
    return x + value * a * b;
  }
};

struct Addcdiv {
  template <class V>
  TS_HD V operator()(V x, V a, V b, V value) const {
    return x + value * a / b;
  }
};

/// Each half of the weights is computed from its own end, so that weight 1 gives `end` exactly.
struct Lerp {
  template <class V>
  TS_HD V operator()(V start, V end, V weight) const {
    const V difference = end - start;
    return select(abs(weight) < V(0.5), start + weight * difference, end - difference * (V(1) - weight));
  }
};

// ---------------------------------------------------------------------------------------------------------------------
// Losses, before their reduction
// ---------------------------------------------------------------------------------------------------------------------

TS_BINARY(MseLoss, (a - b) * (a - b))

struct SmoothL1Loss {
  template <class V>
  TS_HD V operator()(V input, V target, V beta) const {
    const V d = abs(input - target);
    return select(d < beta, V(0.5) * d * d / beta, d - V(0.5) * beta);
  }
};

struct HuberLoss {
  template <class V>
  TS_HD V operator()(V input, V target, V delta) const {
    const V d = abs(input - target);
    return select(d <= delta, V(0.5) * d * d, delta * (d - V(0.5) * delta));
  }
};

// ---------------------------------------------------------------------------------------------------------------------
// Backward forms: gradient first, then what the forward saved
// ---------------------------------------------------------------------------------------------------------------------

struct ThresholdBackward {
  template <class V>
  TS_HD V operator()(V grad, V x, V threshold) const {
    return select(x <= threshold, V(0), grad);
  }
};

struct SigmoidBackward {
  template <class V>
  TS_HD V operator()(V grad, V result) const {
    return grad * result * (V(1) - result);
  }
};

struct TanhBackward {
  template <class V>
  TS_HD V operator()(V grad, V result) const {
    return grad * (V(1) - result * result);
  }
};

/// d/dx x cdf(x) = cdf(x) + x pdf(x)
struct GeluBackward {
  template <class V>
  TS_HD V operator()(V grad, V x) const {
    const V pdf = V(0.39894228040143267794) * exp(V(-0.5) * x * x);  // 1/sqrt(2 pi)
    return grad * (normal_cdf(x) + x * pdf);
  }
};

struct GeluTanhBackward {
  template <class V>
  TS_HD V operator()(V grad, V x) const {
    const V sqrt_2_pi = V(0.79788456080286535588);
    const V cubic = V(0.044715);
    const V t = tanh(sqrt_2_pi * (x + cubic * x * x * x));
    const V inner = sqrt_2_pi * (V(1) + V(3) * cubic * x * x);
    return grad * (V(0.5) * (V(1) + t) + V(0.5) * x * (V(1) - t * t) * inner);
  }
};

struct SiluBackward {
  template <class V>
  TS_HD V operator()(V grad, V x) const {
    const V s = logistic(x);
    return grad * s * (V(1) + x * (V(1) - s));
  }
};

struct SoftplusBackward {
  template <class V>
  TS_HD V operator()(V grad, V x, V beta, V threshold) const {
    const V z = exp(x * beta);
    return select(x * beta > threshold, grad, grad * z / (z + V(1)));
  }
};

struct EluBackward {
  template <class V>
  TS_HD V operator()(V grad, V x, V alpha, V scale, V input_scale) const {
    return grad * select(x <= V(0), input_scale * alpha * scale * exp(x * input_scale), scale);
  }
};

struct LeakyReluBackward {
  template <class V>
  TS_HD V operator()(V grad, V x, V negative_slope) const {
    return select(x > V(0), grad, grad * negative_slope);
  }
};

struct HardtanhBackward {
  template <class V>
  TS_HD V operator()(V grad, V x, V min, V max) const {
    return select(x <= min || x >= max, V(0), grad);
  }
};

struct HardsigmoidBackward {
  template <class V>
  TS_HD V operator()(V grad, V x) const {
    return select(x > V(-3) && x < V(3), grad / V(6), V(0));
  }
};

struct HardswishBackward {
  template <class V>
  TS_HD V operator()(V grad, V x) const {
    return select(x <= V(-3), V(0), select(x < V(3), grad * (x / V(3) + V(0.5)), grad));
  }
};

struct MishBackward {
  template <class V>
  TS_HD V operator()(V grad, V x) const {
    const V t = tanh(log1p_exp(x));
    return grad * (t + x * logistic(x) * (V(1) - t * t));
  }
};

/// d/dx log s(x) = s(-x), from exp(-|x|) <= 1 so that nothing overflows.
struct LogSigmoidBackward {
  template <class V>
  TS_HD V operator()(V grad, V x) const {
    const V z = exp(-abs(x));
    return grad * select(x < V(0), V(1), z) / (V(1) + z);
  }
};

#undef TS_UNARY
#undef TS_BINARY

#ifdef TS_POINTWISE_TARGET
}  // namespace TS_POINTWISE_TARGET
#endif
}  // namespace ts::pointwise

#endif  // include guard
