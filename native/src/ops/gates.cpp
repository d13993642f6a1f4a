// Activations that look at more than one element or operand, and attention.
#include <cmath>
#include <limits>

#include "generated/functions/activations.g.h"
#include "generated/functions/creation.g.h"
#include "torchscratch/autograd.h"
#include "torchscratch/operators.h"
#include "torchscratch/ops/leaky_relu.g.h"
#include "torchscratch/ops/reshape.g.h"
#include "torchscratch/ops/where.g.h"
#include "torchscratch/tensor.h"

namespace ts {

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
  return where(input > Scalar(0), input, input * slope);
}

Tensor rrelu_composite(const Tensor& input, double lower, double upper, bool training) {
  TS_CHECK(lower <= upper, ValueError, "lower must not exceed upper, got ", lower, " and ", upper);
  if (!training) return leaky_relu(input, (lower + upper) / 2);
  const Tensor slopes = rand_composite(input.sizes(), input.dtype()) * (upper - lower) + lower;
  return where(input > Scalar(0), input, input * slopes);
}

Tensor dropout2d_composite(const Tensor& input, double p, bool training) {
  TS_CHECK(input.dim() >= 2, ShapeError, "input must be (N, C, ...), got ", describe(input));
  TS_CHECK(p >= 0 && p <= 1, ValueError, "p must lie in [0, 1], got ", p);
  if (!training || p == 0) return input;
  Dims shape = Dims::filled(static_cast<std::size_t>(input.dim()), 1);
  shape[0] = input.size(0);
  shape[1] = input.size(1);
  return input * dropout_composite(full_composite(shape, 1, input.dtype()), p, true);
}

}  // namespace ts
