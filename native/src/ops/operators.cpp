// The C++ operators on tensors. They are not inline, so that code that uses them need not be recompiled when a row is
// added to the arithmetic family of the op table.
#include "torchscratch/operators.h"

#include "torchscratch/ops/add.g.h"
#include "torchscratch/ops/eq.g.h"
#include "torchscratch/ops/ge.g.h"
#include "torchscratch/ops/gt.g.h"
#include "torchscratch/ops/le.g.h"
#include "torchscratch/ops/lt.g.h"
#include "torchscratch/ops/mul.g.h"
#include "torchscratch/ops/ne.g.h"
#include "torchscratch/ops/neg.g.h"
#include "torchscratch/ops/sub.g.h"
#include "torchscratch/ops/true_divide.g.h"

namespace ts {

#define TS_BINARY_OPERATOR(symbol, function)                                          \
  Tensor operator symbol(const Tensor& a, const Tensor& b) { return function(a, b); } \
  Tensor operator symbol(const Tensor& a, const Scalar& b) { return function(a, b); }
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

Tensor operator+(const Scalar& a, const Tensor& b) { return add(a, b); }
Tensor operator-(const Scalar& a, const Tensor& b) { return sub(a, b); }
Tensor operator*(const Scalar& a, const Tensor& b) { return mul(a, b); }
Tensor operator/(const Scalar& a, const Tensor& b) { return true_divide(a, b); }
Tensor operator-(const Tensor& a) { return neg(a); }

}  // namespace ts
