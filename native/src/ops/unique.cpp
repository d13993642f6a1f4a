// Distinct elements and how often they occur. Sorting makes equal elements adjacent; the other steps compare
// neighbours. Only mode, which selects elements, has a gradient.
#include <algorithm>
#include <cmath>
#include <limits>

#include "generated/functions/creation.g.h"
#include "generated/functions/sorting_and_searching.g.h"
#include "ops/argument_types.h"
#include "tensor/host_access.h"
#include "torchscratch/autograd.h"
#include "torchscratch/operators.h"
#include "torchscratch/ops/argmin.g.h"
#include "torchscratch/ops/clamp_max.g.h"
#include "torchscratch/ops/clone.g.h"
#include "torchscratch/ops/cumsum.g.h"
#include "torchscratch/ops/diff.g.h"
#include "torchscratch/ops/flatten.g.h"
#include "torchscratch/ops/full.g.h"
#include "torchscratch/ops/gather.g.h"
#include "torchscratch/ops/index_add.g.h"
#include "torchscratch/ops/index_copy.g.h"
#include "torchscratch/ops/index_select.g.h"
#include "torchscratch/ops/logical_and.g.h"
#include "torchscratch/ops/mask_indices.g.h"
#include "torchscratch/ops/max.g.h"
#include "torchscratch/ops/min.g.h"
#include "torchscratch/ops/mode_indices.g.h"
#include "torchscratch/ops/reshape.g.h"
#include "torchscratch/ops/slice_order.g.h"
#include "torchscratch/ops/slice_starts.g.h"
#include "torchscratch/ops/squeeze.g.h"
#include "torchscratch/ops/sum.g.h"
#include "torchscratch/ops/to.g.h"
#include "torchscratch/ops/transpose.g.h"
#include "torchscratch/ops/where.g.h"
#include "torchscratch/ops/zeros.g.h"
#include "torchscratch/ops/zeros_like.g.h"
#include "torchscratch/tensor.h"

namespace ts {
namespace {

// The elements of self, or its slices along dim, as the rows of a matrix.
Tensor rows_of(const Tensor& self, OptionalInt dim) {
  if (!dim) return reshape(self, {self.numel(), 1});
  const int d = normalize_dim(*dim, self.dim());
  if (self.dim() == 0) return reshape(self, {1, 1});
  const std::int64_t count = self.sizes()[d];
  const std::int64_t length = self.numel() == 0 ? 0 : self.numel() / count;
  TS_CHECK(length > 0 || count == 0, ShapeError, "the slices along dimension ", d, " of ", describe(self),
           " are empty, so they cannot be distinguished");
  // The elements of a slice are in PyTorch's order, which determines the order of the slices.
  return reshape(transpose(self, d, 0), {count, length});
}

// Takes the rows in `order` and merges each run of equal neighbours; the number of a run is its index in the output.
std::tuple<Tensor, Tensor, Tensor> merged(const Tensor& self, const Tensor& rows, const Tensor& order,
                                          bool return_inverse, bool return_counts, OptionalInt dim) {
  const Tensor starts = slice_starts(rows, order);
  const Tensor runs =
      mask_indices(starts, host_value<std::int64_t>(sum(starts)));  // the beginning of each run in `order`
  const Tensor first = index_select(order, 0, runs);
  const Tensor output = dim && self.dim() > 0 ? index_select(self, *dim, first) : index_select(flatten(self), 0, first);
  Tensor inverse, counts;
  if (return_inverse) {
    const Tensor run_of = cumsum(starts, 0) - 1;
    inverse = index_copy(zeros_like(order), 0, order, run_of);
    if (!dim) inverse = reshape(inverse, self.sizes());
  }
  if (return_counts) counts = diff(runs, 1, -1, Tensor(), full({1}, order.numel(), DType::Int64, order.device()));
  return {output, inverse, counts};
}

}  // namespace

std::tuple<Tensor, Tensor, Tensor> unique_composite(const Tensor& self, bool /*sorted*/, bool return_inverse,
                                                    bool return_counts, OptionalInt dim) {
  const NoGrad no_grad;
  const Tensor rows = rows_of(self, dim);
  return merged(self, rows, slice_order(rows), return_inverse, return_counts, dim);
}

std::tuple<Tensor, Tensor, Tensor> unique_consecutive_composite(const Tensor& self, bool return_inverse,
                                                                bool return_counts, OptionalInt dim) {
  const NoGrad no_grad;
  const Tensor rows = rows_of(self, dim);
  const Tensor order = arange_composite(0, rows.size(0), 1, DType::Int64, rows.device());
  return merged(self, rows, order, return_inverse, return_counts, dim);
}

Tensor bincount_composite(const Tensor& self, const Tensor& weights, std::int64_t minlength) {
  TS_CHECK(self.dim() == 1, ShapeError, "expected a vector, got ", describe(self));
  TS_CHECK(!is_floating(self.dtype()) && self.dtype() != DType::Bool, DTypeError, "expected integers, got ",
           describe(self));
  TS_CHECK(minlength >= 0, ValueError, "minlength must not be negative, got ", minlength);
  TS_CHECK(!weights.defined() || weights.sizes() == self.sizes(), ShapeError, "weights must have the shape of `self`, ",
           describe(self), ", got ", describe(weights));
  const NoGrad no_grad;
  const Tensor values = to(self, DType::Int64);
  std::int64_t length = minlength;
  if (values.numel() > 0) {
    const auto smallest = host_value<std::int64_t>(min(values)), largest = host_value<std::int64_t>(max(values));
    TS_CHECK(smallest >= 0, ValueError, "elements must not be negative, got ", smallest, " at index ",
             host_value<std::int64_t>(argmin(values)));
    TS_CHECK(largest < std::numeric_limits<std::int64_t>::max(), ValueError, "element ", largest,
             " gives too many bins");
    length = std::max(length, largest + 1);
  }
  // As in PyTorch, weights are summed in float32 or float64.
  const DType dtype = !weights.defined()                  ? DType::Int64
                      : weights.dtype() == DType::Float32 ? DType::Float32
                                                          : DType::Float64;
  const Tensor added = weights.defined() ? to(weights.detach(), dtype) : full_composite(values.sizes(), 1, dtype, values.device());
  return index_add(zeros_composite({length}, dtype, values.device()), 0, values, added);
}

Tensor histc_composite(const Tensor& self, std::int64_t bins, const Scalar& min, const Scalar& max) {
  TS_CHECK(is_floating(self.dtype()), DTypeError, "expected floating tensors, got ", describe(self));
  TS_CHECK(bins > 0, ValueError, "bins must be positive, got ", bins);
  const NoGrad no_grad;
  const Tensor values = to(flatten(self), DType::Float64);
  double low = min.to_double(), high = max.to_double();
  if (low == high && values.numel() > 0) {
    low = host_value<double>(ts::min(values));
    high = host_value<double>(ts::max(values));
  }
  if (low == high) {
    low -= 1;
    high += 1;
  }
  TS_CHECK(std::isfinite(low) && std::isfinite(high) && std::isfinite(high - low), ValueError, "the range [", low,
           ", ", high, "] is not finite");
  TS_CHECK(low < high, ValueError, "max must not be less than min, got ", low, " and ", high);
  const Tensor inside = logical_and(values >= low, values <= high);
  const Tensor position = where(inside, (values - low) / (high - low) * static_cast<double>(bins), Scalar(0.0));
  const Tensor bin = clamp_max(to(position, DType::Int64), bins - 1);  // the last bin includes max
  return to(index_add(zeros({bins}, DType::Float64, bin.device()), 0, bin, to(inside, DType::Float64)), self.dtype());
}

std::tuple<Tensor, Tensor> mode_composite(const Tensor& self, std::int64_t dim, bool keepdim) {
  const int d = normalize_dim(dim, self.dim());
  if (self.dim() == 0) return {clone(self), zeros_composite({}, DType::Int64, self.device())};
  const Tensor indices = mode_indices(self.detach(), d);
  const Tensor values = gather(self, d, indices);
  return keepdim ? std::tuple{values, indices} : std::tuple{squeeze(values, d), squeeze(indices, d)};
}

}  // namespace ts
