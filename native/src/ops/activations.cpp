// Activations with parameters to check or more than one operand, and the second derivatives of those whose first is a
// kernel of its own.
#include "ops/activations.h"

#include "generated/functions/activations.g.h"
#include "generated/functions/creation.g.h"
#include "torchscratch/autograd.h"
#include "torchscratch/operators.h"
#include "torchscratch/ops/elu_scaled.g.h"
#include "torchscratch/ops/exp.g.h"
#include "torchscratch/ops/leaky_relu.g.h"
#include "torchscratch/ops/reshape.g.h"
#include "torchscratch/ops/sigmoid.g.h"
#include "torchscratch/ops/slice.g.h"
#include "torchscratch/ops/softplus.g.h"
#include "torchscratch/ops/tanh.g.h"
#include "torchscratch/ops/where.g.h"
#include "torchscratch/tensor.h"

namespace ts {

Scalar softshrink_lambda(const Scalar& lambd) {
  TS_CHECK(lambd.to_double() >= 0, ValueError, "lambd must not be negative, got ", lambd.to_double());
  return lambd;
}

Tensor celu_composite(const Tensor& input, const Scalar& alpha) {
  TS_CHECK(alpha.to_double() != 0, ValueError, "alpha must not be 0");
  return elu_scaled(input, alpha, 1, 1 / alpha.to_double());
}

Tensor elu_backward_self(const Tensor& product, const Tensor& self, const Scalar& alpha, const Scalar& scale,
                         const Scalar& input_scale) {
  const double k = input_scale.to_double();
  const double factor = alpha.to_double() * scale.to_double() * k * k;
  return where(self <= 0, product * (exp(self * k) * factor), Scalar(0));
}

// With s = sigmoid(x), (x s)'' = s (1 - s) (2 + x (1 - 2 s)).
Tensor silu_curvature(const Tensor& self) {
  const Tensor s = sigmoid(self);
  return s * (1 - s) * (self * (1 - s * 2) + 2);
}

// With s = sigmoid(x), t = tanh(softplus(x)) and w = 1 - t^2, t' = s w and (x t)'' = s w (2 + x (1 - s - 2 t s)).
Tensor mish_curvature(const Tensor& self) {
  const Tensor s = sigmoid(self);
  const Tensor t = tanh(softplus(self));
  return s * (1 - t * t) * (self * (1 - s - t * s * 2) + 2);
}

// With u = k (x + c x^3), t = tanh(u) and w = 1 - t^2, (x (1 + t) / 2)'' = w (u' + x (u'' / 2 - t u'^2)).
Tensor gelu_tanh_curvature(const Tensor& self) {
  const double k = 0.79788456080286536;  // sqrt(2 / pi)
  const double c = 0.044715;
  const Tensor t = tanh((self + self * self * self * c) * k);
  const Tensor slope = (self * self * (3 * c) + 1) * k;
  return (1 - t * t) * (slope + self * (self * (3 * c * k) - t * slope * slope));
}

Tensor prelu_composite(const Tensor& input, const Tensor& weight) {
  TS_CHECK(weight.dim() <= 1, ShapeError, "weight must have one element, or one for each channel, got ",
           describe(weight));
  TS_CHECK(input.dtype() == weight.dtype(), DTypeError, "input and weight must have the same type, got ",
           describe(input), " and ", describe(weight));
  Tensor slope = weight;
  if (weight.numel() == 1) {
    slope = reshape(weight, IntList{});
  } else {
    TS_CHECK(input.dim() > 0, ShapeError, "a scalar has no channels for weight ", describe(weight));
    // A vector has a single channel; it is treated as (N, 1).
    const std::int64_t channels = input.dim() > 1 ? input.size(1) : 1;
    TS_CHECK(weight.numel() == channels, ShapeError, "weight ", describe(weight),
             " must have one element for each of the ", channels, " channels of input ", describe(input));
    Dims shape = Dims::filled(static_cast<std::size_t>(input.dim()), 1);
    shape[1] = channels;
    slope = reshape(weight, shape);
  }
  // The slope multiplies nothing of the positive elements: infinity times their gradient of 0 would be NaN.
  const Tensor positive = input > Scalar(0);
  return where(positive, input, where(positive, Scalar(0), input) * slope);
}

Tensor rrelu_composite(const Tensor& input, double lower, double upper, bool training) {
  TS_CHECK(lower <= upper, ValueError, "lower must not exceed upper, got ", lower, " and ", upper);
  if (!training) return leaky_relu(input, (lower + upper) / 2);
  const Tensor slopes = rand_composite(input.sizes(), input.dtype(), input.device()) * (upper - lower) + lower;
  return where(input > Scalar(0), input, input * slopes);
}

Tensor glu_composite(const Tensor& input, std::int64_t dim) {
  TS_CHECK(input.dim() > 0 && input.size(dim) % 2 == 0, ShapeError, "dimension ", dim, " of ", describe(input),
           " must have an even size");
  const std::int64_t half = input.size(dim) / 2;
  return slice(input, dim, 0, half) * sigmoid(slice(input, dim, half, std::nullopt));
}

}  // namespace ts
