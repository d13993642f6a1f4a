// C++'s arithmetic and comparison operators for tensors. Each calls the function of ops.g.h.
#pragma once

#include "torchscratch/ops.g.h"

namespace ts {

#define TS_BINARY_OPERATOR(symbol, function)                                                              \
  inline Tensor operator symbol(const Tensor& a, const Tensor& b) { return function(a, b); }              \
  inline Tensor operator symbol(const Tensor& a, const Scalar& b) { return function(a, b); }
TS_BINARY_OPERATOR(+, add)
TS_BINARY_OPERATOR(-, sub)
TS_BINARY_OPERATOR(*, mul)
TS_BINARY_OPERATOR(/, true_divide)
TS_BINARY_OPERATOR(==, eq)
TS_BINARY_OPERATOR(!=, ne)
TS_BINARY_OPERATOR(<, lt)
TS_BINARY_OPERATOR(<=, le)
TS_BINARY_OPERATOR(>, gt)
TS_BINARY_OPERATOR(>=, ge)
#undef TS_BINARY_OPERATOR

inline Tensor operator+(const Scalar& a, const Tensor& b) { return add(a, b); }
inline Tensor operator-(const Scalar& a, const Tensor& b) { return sub(a, b); }
inline Tensor operator*(const Scalar& a, const Tensor& b) { return mul(a, b); }
inline Tensor operator/(const Scalar& a, const Tensor& b) { return true_divide(a, b); }
inline Tensor operator-(const Tensor& a) { return neg(a); }

}  // namespace ts
