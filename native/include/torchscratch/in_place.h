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
/// The exponential of normal numbers with this mean and standard deviation.
TS_API Tensor log_normal_(const Tensor& self, double mean = 1, double std = 2);
/// Of density lambd exp(-lambd x), x >= 0. ValueError unless lambd > 0.
TS_API Tensor exponential_(const Tensor& self, double lambd = 1);
/// Trials up to the first success of probability p: k >= 1 with (1 - p)^(k - 1) p. ValueError unless 0 < p < 1.
TS_API Tensor geometric_(const Tensor& self, double p);
/// Of density sigma / (pi (sigma^2 + (x - median)^2)). ValueError unless sigma > 0.
TS_API Tensor cauchy_(const Tensor& self, double median = 0, double sigma = 1);
/// 1 with probability p, else 0. Any dtype; ValueError unless 0 <= p <= 1.
TS_API Tensor bernoulli_(const Tensor& self, double p = 0.5);
/// 1 with the probability that the element of p says, which broadcasts to self.
TS_API Tensor bernoulli_(const Tensor& self, const Tensor& p);
/// Whole numbers of [low, high), of any dtype. ValueError for an empty range.
TS_API Tensor random_(const Tensor& self, std::int64_t low, std::int64_t high);

}  // namespace ts
