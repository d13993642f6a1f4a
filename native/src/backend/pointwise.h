// Pointwise functions, each written once, by kind in the files of backend/pointwise/. This header has what they share.
//
// A functor's operator() is a template over the kind of number V: float, double or int64_t for scalar code and CUDA, or
// a SIMD vector (cpu/vec-inl.h). Tensor operands come first, then the row's scalar parameters. A functor that returns a
// truth value (bool, or the mask of V) makes a bool tensor.
//
// What it computes is PyTorch's definition, including NaN, infinities, signed zeros and integer division. There are
// no branches: select(condition, yes, no) evaluates both sides, so neither may trap. Truth values combine with
// && || !, which for masks are overloaded and so do not short-circuit either.
//
// TS_POINTWISE_FUNCTORS names the file of functors to include. Each file is compiled by itself for every instruction
// set, by the one of its name in generated/pointwise/, so that a new functor rebuilds few others.
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

#include TS_POINTWISE_FUNCTORS

#undef TS_UNARY
#undef TS_BINARY

#ifdef TS_POINTWISE_TARGET
}  // namespace TS_POINTWISE_TARGET
#endif
}  // namespace ts::pointwise

#endif  // include guard
