// Filling and overwriting existing tensors. All functions return `self` and obey autograd's rules for in-place changes:
// they throw ValueError if elements of `self` share memory, and AutogradError if `self` is a leaf that requires a
// gradient or a view of one, unless under NoGrad. Only copy_ and fill_ are recorded.
#pragma once

#include "torchscratch/tensor.h"

namespace ts {

/// Copies the elements of `src`, which is broadcast to the shape of `self` and converted to its dtype.
TS_API Tensor copy_(const Tensor& self, const Tensor& src);
/// Sets every element to `value`.
TS_API Tensor fill_(const Tensor& self, const Scalar& value);
inline Tensor zero_(const Tensor& self) { return fill_(self, 0); }

// The random fills draw from this thread's generator (random.h). All but bernoulli_ and random_ throw DTypeError unless
// `self` is floating.

/// Draws from the uniform distribution on [low, high). Throws ValueError unless low <= high.
TS_API Tensor uniform_(const Tensor& self, double low = 0, double high = 1);
/// Draws from the normal distribution, by the Box-Muller transform. Throws ValueError unless std >= 0.
TS_API Tensor normal_(const Tensor& self, double mean = 0, double std = 1);
/// Draws exp(x) for normal x of this mean and standard deviation. Throws ValueError unless std >= 0.
TS_API Tensor log_normal_(const Tensor& self, double mean = 1, double std = 2);
/// Draws from the exponential distribution of density lambd exp(-lambd x), x >= 0. Throws ValueError unless lambd > 0.
TS_API Tensor exponential_(const Tensor& self, double lambd = 1);
/// Draws from the geometric distribution, the number k >= 1 of trials up to and including the first success when each
/// succeeds with probability p: P(k) = (1 - p)^(k - 1) p. Throws ValueError unless 0 < p < 1.
TS_API Tensor geometric_(const Tensor& self, double p);
/// Draws from the Cauchy distribution of density sigma / (pi (sigma^2 + (x - median)^2)). Throws ValueError unless
/// sigma > 0.
TS_API Tensor cauchy_(const Tensor& self, double median = 0, double sigma = 1);
/// Sets each element to 1 with probability p and to 0 otherwise. Throws ValueError unless 0 <= p <= 1.
TS_API Tensor bernoulli_(const Tensor& self, double p = 0.5);
/// The same with a probability for each element; `p` is broadcast to the shape of `self`.
TS_API Tensor bernoulli_(const Tensor& self, const Tensor& p);
/// Draws uniformly from the integers of [low, high). Throws ValueError if the range is empty.
TS_API Tensor random_(const Tensor& self, std::int64_t low, std::int64_t high);

}  // namespace ts
