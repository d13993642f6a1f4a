// Writing into existing tensors. Recorded by autograd like any operator, with its rules for in-place changes.
#pragma once

#include "torchscratch/tensor.h"

namespace ts {

/// self <- src, broadcast to the shape of self and converted to its dtype. Returns self.
TS_API Tensor copy_(const Tensor& self, const Tensor& src);
/// Every element becomes `value`.
TS_API Tensor fill_(const Tensor& self, const Scalar& value);
inline Tensor zero_(const Tensor& self) { return fill_(self, 0); }
/// Uniform in [low, high). Throws for integers, ValueError unless low <= high.
TS_API Tensor uniform_(const Tensor& self, double low = 0, double high = 1);
/// Normal, by Box and Muller's transform. Throws for integers, ValueError for a negative std.
TS_API Tensor normal_(const Tensor& self, double mean = 0, double std = 1);

}  // namespace ts
