// Elementary functions whose defaults or special cases need more than a kernel.
#include "ops/elementary.h"

#include <cmath>
#include <cstdint>
#include <limits>

#include "generated/functions/arithmetic.g.h"
#include "generated/functions/comparison.g.h"
#include "generated/functions/elementary_functions.g.h"
#include "ops/pointwise_call.h"
#include "torchscratch/autograd.h"
#include "torchscratch/operators.h"
#include "torchscratch/ops/abs.g.h"
#include "torchscratch/ops/clamp_between.g.h"
#include "torchscratch/ops/clamp_max.g.h"
#include "torchscratch/ops/clamp_min.g.h"
#include "torchscratch/ops/clone.g.h"
#include "torchscratch/ops/isfinite.g.h"
#include "torchscratch/ops/isnan.g.h"
#include "torchscratch/ops/logical_and.g.h"
#include "torchscratch/ops/logical_or.g.h"
#include "torchscratch/ops/pow.g.h"
#include "torchscratch/ops/replace_non_finite.g.h"
#include "torchscratch/ops/round.g.h"
#include "torchscratch/ops/sinc.g.h"
#include "torchscratch/ops/sinc_backward.g.h"
#include "torchscratch/ops/to.g.h"
#include "torchscratch/ops/where.g.h"
#include "torchscratch/ops/xlogy.g.h"
#include "torchscratch/tensor.h"

namespace ts {

namespace {

double largest_number(DType dtype) {
  switch (dtype) {
    case DType::Float64:
      return std::numeric_limits<double>::max();
    case DType::Float16:
      return 65504;
    case DType::BFloat16:
      return 0x1.fep127;
    default:
      return std::numeric_limits<float>::max();
  }
}

}  // namespace

Tensor number_input(const Tensor& self) { return self.dtype() == DType::Bool ? to(self, DType::Int64) : self; }

std::int64_t polygamma_order(std::int64_t n) {
  // Its factor n! is infinite in float64 from 171 on; the bound leaves room for the orders of derivatives.
  TS_CHECK(n >= 0 && n <= INT32_MAX, ValueError, "n must be in [0, ", INT32_MAX, "], got ", n);
  return n;
}

Tensor positive_composite(const Tensor& self) {
  TS_CHECK(self.dtype() != DType::Bool, DTypeError, "not defined for bool tensors, got ", describe(self));
  return self;
}

Tensor round_composite(const Tensor& self, std::int64_t decimals) {
  if (decimals == 0) return round(self);
  TS_CHECK(is_floating(self.dtype()), DTypeError, "decimals requires a floating tensor, got ", describe(self));
  // 10^-n has no exact representation, so for negative decimals self is divided by 10^n first.
  const double power = std::pow(10.0, std::abs(static_cast<double>(decimals)));
  return decimals > 0 ? round(self * power) / power : round(self / power) * power;
}

Tensor nan_to_num_composite(const Tensor& self, std::optional<double> nan, std::optional<double> posinf,
                            std::optional<double> neginf) {
  if (!is_floating(self.dtype())) return clone(self);
  const double largest = largest_number(self.dtype());
  return replace_non_finite(self, nan.value_or(0), posinf.value_or(largest), neginf.value_or(-largest));
}

Tensor isclose_composite(const Tensor& self, const Tensor& other, double rtol, double atol, bool equal_nan) {
  TS_CHECK(self.dtype() == other.dtype(), DTypeError, "expected tensors of the same type, got ", describe(self),
           " and ", describe(other));
  TS_CHECK(rtol >= 0 && atol >= 0, ValueError, "rtol and atol must not be negative, got ", rtol, " and ", atol);
  const NoGrad no_grad;
  Tensor close = self == other;
  if (equal_nan && is_floating(self.dtype())) close = logical_or(close, logical_and(isnan(self), isnan(other)));
  if (rtol == 0 && atol == 0) return close;
  const Tensor a = is_floating(self.dtype()) ? self : to(self, default_dtype());
  const Tensor b = is_floating(other.dtype()) ? other : to(other, default_dtype());
  const Tensor distance = abs(a - b);
  const Tensor near = logical_and(isfinite(distance), distance <= abs(b) * rtol + Scalar(atol));
  return logical_or(close, near);
}

// ---- Powers and logarithms ----

Tensor float_power_composite(const Tensor& self, const Tensor& exponent) {
  return pow(to(self, DType::Float64), to(exponent, DType::Float64));
}
Tensor float_power_composite(const Tensor& self, const Scalar& exponent) {
  return pow(to(self, DType::Float64), Scalar(exponent.to_double()));
}
Tensor float_power_composite(const Scalar& self, const Tensor& exponent) {
  return pow(Scalar(self.to_double()), to(exponent, DType::Float64));
}

// d(x log y)/dx = log y; the gradient is 0 where x is 0 and log y is not finite.
Tensor xlogy_backward_self(const Tensor& grad, const Tensor& self, const Tensor& other) {
  return where(logical_and(self == 0, other <= 0), Scalar(0), xlogy(grad, other));
}
Tensor xlogy_backward_self(const Tensor& grad, const Tensor& self, const Scalar& other) {
  const Tensor slope = xlogy(grad, other);
  return other.to_double() <= 0 ? where(self == 0, Scalar(0), slope) : slope;
}

// ---- Derivatives ----

// sinc(x)'' = -pi^2 sinc(x) - 2 sinc(x)' / x, and -pi^2 / 3 at 0.
Tensor sinc_curvature(const Tensor& self) {
  const double pi_squared = 9.869604401089358;
  const Tensor zero = self == 0;
  const Tensor slope_over_x = sinc_backward(where(zero, Scalar(0), 1 / where(zero, Scalar(1), self)), self);
  return sinc(self) * -pi_squared - where(zero, Scalar(-pi_squared / 3), slope_over_x) * 2;
}

// d log(x / (1 - x))/dx = 1 / (x (1 - x)). With clamping it is 0 outside the clamped range, without it NaN outside the
// interval [0, 1].
Tensor logit_backward(const Tensor& grad, const Tensor& self, double eps) {
  const bool clamped = eps >= 0;
  const double low = clamped ? eps : 0;
  const Tensor outside = logical_or(self < low, self > 1 - low);
  const Scalar there = clamped ? 0 : std::numeric_limits<double>::quiet_NaN();
  // Outside, a divisor of 0 would make the gradient of what is masked NaN.
  return where(outside, there, grad / where(outside, Scalar(1), self * (1 - self)));
}

// ---- Limits ----

Tensor clamp_composite(const Tensor& self, std::optional<Scalar> min, std::optional<Scalar> max) {
  TS_CHECK(min || max, ValueError, "expected min, max or both");
  const Scalar lower = min ? *min : *max, upper = max ? *max : *min;
  const DType wanted = promoted_type({self, lower, upper});
  check_fits(lower, wanted);
  check_fits(upper, wanted);
  const Tensor input = to(self, wanted);
  if (min && max) return clamp_between(input, *min, *max);
  return min ? clamp_min(input, *min) : clamp_max(input, *max);
}

Tensor clamp_composite(const Tensor& self, const Tensor& min, const Tensor& max) {
  TS_CHECK(min.defined() || max.defined(), ValueError, "expected min, max or both");
  if (min.defined() && max.defined()) return clamp_between(self, min, max);
  return min.defined() ? clamp_min(self, min) : clamp_max(self, max);
}

}  // namespace ts
