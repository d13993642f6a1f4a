// Functions that depend on the order of elements: the k largest, medians, quantiles, positions in a sorted sequence;
// and the gradients of cumulative functions.
#include "ops/ordering.h"

#include <algorithm>
#include <cmath>

#include "generated/functions/creation.g.h"
#include "generated/functions/reductions.g.h"
#include "generated/functions/sorting_and_searching.g.h"
#include "ops/argument_types.h"
#include "ops/gradients.h"
#include "tensor/host_access.h"
#include "torchscratch/autograd.h"
#include "torchscratch/operators.h"
#include "torchscratch/ops/all.g.h"
#include "torchscratch/ops/any.g.h"
#include "torchscratch/ops/cat.g.h"
#include "torchscratch/ops/ceil.g.h"
#include "torchscratch/ops/clone.g.h"
#include "torchscratch/ops/contiguous.g.h"
#include "torchscratch/ops/cumprod.g.h"
#include "torchscratch/ops/cumsum.g.h"
#include "torchscratch/ops/exp.g.h"
#include "torchscratch/ops/expand.g.h"
#include "torchscratch/ops/flatten.g.h"
#include "torchscratch/ops/flip.g.h"
#include "torchscratch/ops/floor.g.h"
#include "torchscratch/ops/gather.g.h"
#include "torchscratch/ops/insertion_indices.g.h"
#include "torchscratch/ops/isnan.g.h"
#include "torchscratch/ops/kth_indices.g.h"
#include "torchscratch/ops/lerp.g.h"
#include "torchscratch/ops/log.g.h"
#include "torchscratch/ops/logcumsumexp.g.h"
#include "torchscratch/ops/logical_and.g.h"
#include "torchscratch/ops/logical_not.g.h"
#include "torchscratch/ops/movedim.g.h"
#include "torchscratch/ops/ones_like.g.h"
#include "torchscratch/ops/reshape.g.h"
#include "torchscratch/ops/round.g.h"
#include "torchscratch/ops/slice.g.h"
#include "torchscratch/ops/sort.g.h"
#include "torchscratch/ops/squeeze.g.h"
#include "torchscratch/ops/sum.g.h"
#include "torchscratch/ops/to.g.h"
#include "torchscratch/ops/transpose.g.h"
#include "torchscratch/ops/unsqueeze.g.h"
#include "torchscratch/ops/where.g.h"
#include "torchscratch/tensor.h"

namespace ts {

namespace {

// The normalized `dim`; a scalar is treated as having one dimension of size 1.
std::int64_t lane_length(const Tensor& self, std::int64_t dim) {
  const int d = normalize_dim(dim, self.dim());
  return self.dim() == 0 ? 1 : self.sizes()[d];
}

Tensor reversed(const Tensor& self, std::int64_t dim) { return flip(self, IntList{dim}); }

}  // namespace

std::tuple<Tensor, Tensor> topk_composite(const Tensor& self, std::int64_t k, std::int64_t dim, bool largest,
                                          bool /*sorted*/) {
  TS_CHECK(k >= 0 && k <= lane_length(self, dim), ValueError, "k = ", k, " is out of range for dimension ", dim, " of ",
           describe(self));
  const auto [values, indices] = sort(self, dim, largest);
  if (self.dim() == 0) return {values, indices};
  return {slice(values, dim, 0, k), slice(indices, dim, 0, k)};
}

std::tuple<Tensor, Tensor> kthvalue_composite(const Tensor& self, std::int64_t k, std::int64_t dim, bool keepdim) {
  TS_CHECK(k >= 1 && k <= lane_length(self, dim), ValueError, "k = ", k, " is out of range for dimension ", dim, " of ",
           describe(self));
  if (self.dim() == 0) return {self, zeros_composite({}, DType::Int64, self.device())};
  Tensor index;
  {
    const NoGrad no_grad;
    index = contiguous(transpose(kth_indices(transpose(self, dim, -1), k), dim, -1));
  }
  const Tensor value = gather(self, dim, index);
  if (keepdim) return {value, index};
  return {squeeze(value, dim), squeeze(index, dim)};
}

// The lower one of two middle elements. NaN is sorted last; if there is one, it is the result.
std::tuple<Tensor, Tensor> median_composite(const Tensor& self, std::int64_t dim, bool keepdim) {
  const std::int64_t length = lane_length(self, dim);
  TS_CHECK(length > 0, IndexError, "dimension ", dim, " of ", describe(self), " is empty, so it has no median");
  auto [values, indices] = sort(self, dim);
  if (self.dim() == 0) return {values, indices};
  const Tensor invalid = isnan(slice(values, dim, length - 1, length));
  const Tensor first_nan = sum(logical_not(isnan(values)), IntList{dim}, true);
  const Tensor position = where(invalid, first_nan, Scalar((length - 1) / 2));
  const Tensor kept = gather(values, dim, position), index = gather(indices, dim, position);
  if (keepdim) return {kept, index};
  return {squeeze(kept, dim), squeeze(index, dim)};
}

// Unlike the median along a dimension, which is an element, this one is a value: all that equal it share the gradient.
Tensor median_composite(const Tensor& self) {
  TS_CHECK(self.numel() > 0, ValueError, describe(self), " is empty, so it has no median");
  const auto forward = [&](FunctionContext& context) {
    const Tensor result = std::get<0>(median_composite(flatten(self), 0, false));
    context.save_for_backward({self, result});
    return TensorList{result};
  };
  const auto backward = [](FunctionContext& context, const TensorList& grads) {
    const TensorList saved = context.saved_tensors();
    return TensorList{evenly_share(grads[0], saved[0], saved[1])};
  };
  return apply_function("Median", Span<const Tensor>(&self, 1), forward, backward)[0];
}

Tensor quantile_composite(const Tensor& self, const Tensor& q, OptionalInt dim, bool keepdim,
                          QuantileInterpolation interpolation) {
  TS_CHECK(self.dtype() == DType::Float32 || self.dtype() == DType::Float64, DTypeError,
           "expected float32 or float64, got ", describe(self));
  TS_CHECK(q.dim() <= 1 && q.dtype() == self.dtype(), DTypeError, "q must be a number or a vector with the type of ",
           describe(self), ", got ", describe(q));
  TS_CHECK(self.numel() > 0, ValueError, describe(self), " is empty, so it has no quantiles");
  {
    const NoGrad no_grad;
    TS_CHECK(q.numel() == 0 || host_value<bool>(all(logical_and(q >= 0, q <= 1))), ValueError,
             "all elements of q must lie in [0, 1]");
  }
  // The reduced dimension becomes the last one and is sorted.
  Tensor lanes = flatten(self);
  if (dim) normalize_dim(*dim, self.dim());
  if (dim) lanes = self.dim() == 0 ? reshape(self, {1}) : transpose(self, *dim, -1);
  const std::int64_t length = lanes.size(-1);
  const Tensor sorted = std::get<0>(sort(lanes, -1));
  const Tensor spread_nan = any(isnan(sorted), -1, true);
  Dims many = sorted.sizes();
  many[many.size() - 1] = q.numel();
  const Tensor ranks = where(spread_nan, Scalar(static_cast<double>(length - 1)),
                             expand(reshape(q * static_cast<double>(length - 1), {q.numel()}), many));
  Tensor low = floor(ranks), high = ceil(ranks);
  switch (interpolation) {
    case QuantileInterpolation::Lower:
      high = low;
      break;
    case QuantileInterpolation::Higher:
      low = high;
      break;
    case QuantileInterpolation::Nearest:
      low = high = round(ranks);
      break;
    default:
      break;
  }
  Tensor values = gather(sorted, -1, to(low, DType::Int64));
  if (interpolation == QuantileInterpolation::Linear || interpolation == QuantileInterpolation::Midpoint) {
    const Tensor upper = gather(sorted, -1, to(high, DType::Int64));
    values =
        interpolation == QuantileInterpolation::Midpoint ? lerp(values, upper, 0.5) : lerp(values, upper, ranks - low);
  }
  // (lanes..., q) becomes (q, lanes...), with the reduced dimension reinserted if it is kept.
  Tensor result = values;
  if (dim && self.dim() > 0) {
    result = transpose(unsqueeze(values, -1), normalize_dim(*dim, self.dim()), -2);
    result = movedim(result, {-1}, {0});
    // Dimension dim + 1 now holds q, and the first dimension has size 1.
    result = transpose(result, 0, normalize_dim(*dim, self.dim()) + 1);
    if (!keepdim) result = squeeze(result, normalize_dim(*dim, self.dim()) + 1);
  } else if (keepdim) {
    Dims shape = Dims::filled(static_cast<std::size_t>(self.dim() + 1), 1);
    shape[0] = q.numel();
    result = reshape(values, shape);
  }
  if (q.dim() == 0) result = squeeze(result, 0);
  // The other kinds of interpolation change with q only in steps.
  return interpolation == QuantileInterpolation::Linear ? result : connected(result, q);
}

Tensor searchsorted_composite(const Tensor& sorted_sequence, const Tensor& self, bool out_int32, bool right,
                              SearchSide side, const Tensor& sorter) {
  TS_CHECK(sorted_sequence.dim() >= 1, ShapeError, "the sorted sequence must have at least one dimension, got ",
           describe(sorted_sequence));
  TS_CHECK(!(right && side == SearchSide::Left), ValueError, "right and side contradict each other; omit right");
  const bool shared = sorted_sequence.dim() == 1;
  const int last = sorted_sequence.dim() - 1;
  TS_CHECK(shared || (self.dim() == sorted_sequence.dim() &&
                      std::equal(self.sizes().begin(), self.sizes().begin() + last, sorted_sequence.sizes().begin())),
           ShapeError, "the values, ", describe(self), ", and the sorted sequence, ", describe(sorted_sequence),
           ", may differ only in the last dimension, unless the sequence is a vector");
  TS_CHECK(!sorter.defined() || sorter.sizes() == sorted_sequence.sizes(), ShapeError,
           "sorter must have the shape of the sorted sequence, ", describe(sorted_sequence), ", got ",
           describe(sorter));
  const NoGrad no_grad;
  const DType common = promote(sorted_sequence.dtype(), self.dtype());
  const Tensor sequence = to(sorter.defined() ? gather(sorted_sequence, -1, sorter) : sorted_sequence, common);
  const Tensor result = insertion_indices(sequence, to(self, common), right || side == SearchSide::Right);
  return out_int32 ? to(result, DType::Int32) : result;
}

Tensor isin_composite(const Tensor& elements, const Tensor& test_elements, bool /*assume_unique*/, bool invert) {
  const NoGrad no_grad;
  const Tensor found = any(unsqueeze(elements, -1) == flatten(test_elements), -1);
  return invert ? logical_not(found) : found;
}

// ---- Gradients of cumulative functions ----

Tensor cumsum_backward(const Tensor& grad, std::int64_t dim) { return reversed(cumsum(reversed(grad, dim), dim), dim); }

// With y_j the product of x_0 .. x_j, the gradient of x_k is the sum of grad_j y_j / x_k over j >= k. If some x is 0,
// the quotient is computed as the product without x_k, separately for each k.
Tensor cumprod_backward(const Tensor& grad, const Tensor& self, const Tensor& result, std::int64_t dim) {
  if (self.numel() <= 1 || self.dim() == 0) return connected(grad, self);
  const auto has_zero = [&] {
    const NoGrad no_grad;
    return host_value<bool>(any(self == 0));
  };
  if (!has_zero()) return cumsum_backward(grad * result, dim) / self;
  const std::int64_t length = self.size(dim);
  TensorList gradients;
  for (std::int64_t k = 0; k < length; ++k) {
    const Tensor before = slice(self, dim, 0, k), after = slice(self, dim, k + 1, std::nullopt);
    const Tensor without = cumprod(cat({before, ones_like(slice(self, dim, k, k + 1)), after}, dim), dim);
    gradients.push_back(sum(slice(grad * without, dim, k, std::nullopt), IntList{dim}, true));
  }
  return cat(gradients, dim);
}

// The gradient of x_k is the sum of grad_j exp(x_k - y_j) over j >= k. It is computed in logarithms, separately for the
// positive and negative parts of grad.
Tensor logcumsumexp_backward(const Tensor& grad, const Tensor& self, const Tensor& result, std::int64_t dim) {
  if (grad.numel() == 0 || grad.dim() == 0) return grad;
  // Finite, because with infinity the derivative of the computation below would contain inf - inf.
  const Scalar none = self.dtype() == DType::Float16 ? -65504 : -3e38;
  const auto part = [&](const Tensor& weights) {
    const Tensor positive = weights > 0;
    const Tensor logs = where(positive, log(where(positive, weights, Scalar(1))), none);
    return exp(reversed(logcumsumexp(reversed(logs - result, dim), dim), dim) + self);
  };
  return part(grad) - part(-grad);
}

namespace {

// The derivative with respect to each element is the product of the others: of those before it and of those after it.
// Dividing the product by the element would fail for zeros and where the product overflows.
Tensor products_of_others(const Tensor& self, int dim) {
  const std::int64_t last = self.size(dim) - 1;
  const auto shifted = [&](const Tensor& lanes) {
    return cumprod(cat({ones_like(slice(lanes, dim, 0, 1)), slice(lanes, dim, 0, last)}, dim), dim);
  };
  return shifted(self) * reversed(shifted(reversed(self, dim)), dim);
}

// The product along a dimension that is not empty, which is kept with size 1.
Tensor product_along(const Tensor& self, int dim) {
  const auto forward = [&](FunctionContext& context) {
    context.save_for_backward({self});
    const std::int64_t length = self.size(dim);
    return TensorList{clone(slice(cumprod(self, dim), dim, length - 1, length))};
  };
  const auto backward = [dim](FunctionContext& context, const TensorList& grads) {
    return TensorList{grads[0] * products_of_others(context.saved_tensors()[0], dim)};
  };
  return apply_function("Prod", Span<const Tensor>(&self, 1), forward, backward)[0];
}

}  // namespace

Tensor prod_composite(const Tensor& self, OptionalInt dim, bool keepdim, OptionalDType dtype) {
  const Tensor numbers = dtype ? to(self, *dtype) : is_floating(self.dtype()) ? self : to(self, DType::Int64);
  if (numbers.dtype() == DType::Bool) return all(numbers, dim, keepdim);
  const Tensor lanes = dim ? numbers : flatten(numbers);
  const int d = dim ? normalize_dim(*dim, self.dim()) : 0;
  if (lanes.dim() == 0) return clone(lanes);
  Dims shape = lanes.sizes();
  shape[d] = 1;
  const std::int64_t length = lanes.sizes()[d];
  const Tensor result =
      length == 0 ? connected(full_composite(shape, 1, numbers.dtype(), numbers.device()), lanes) : product_along(lanes, d);
  return keepdim && dim ? result : squeeze(result, d);
}

}  // namespace ts
