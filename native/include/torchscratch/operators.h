// C++'s arithmetic and comparison operators for tensors. Each calls the operator of the op table.
#pragma once

#include "torchscratch/tensor.h"

namespace ts {

#define TS_BINARY_OPERATOR(symbol)                                 \
  TS_API Tensor operator symbol(const Tensor& a, const Tensor& b); \
  TS_API Tensor operator symbol(const Tensor& a, const Scalar& b);
TS_BINARY_OPERATOR(+)
TS_BINARY_OPERATOR(-)
TS_BINARY_OPERATOR(*)
TS_BINARY_OPERATOR(/)
TS_BINARY_OPERATOR(==)
TS_BINARY_OPERATOR(!=)
TS_BINARY_OPERATOR(<)
TS_BINARY_OPERATOR(<=)
TS_BINARY_OPERATOR(>)
TS_BINARY_OPERATOR(>=)
#undef TS_BINARY_OPERATOR

TS_API Tensor operator+(const Scalar& a, const Tensor& b);
TS_API Tensor operator-(const Scalar& a, const Tensor& b);
TS_API Tensor operator*(const Scalar& a, const Tensor& b);
TS_API Tensor operator/(const Scalar& a, const Tensor& b);
TS_API Tensor operator-(const Tensor& a);

}  // namespace ts
