// Distinct elements and how often they occur. Sorting puts equal elements side by side; what follows is one pass over
// them. None of this has a gradient but mode, which takes elements as they are.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "cpu/thread_pool.h"
#include "generated/cpu/sorting_and_searching.g.h"
#include "generated/functions/creation.g.h"
#include "generated/functions/sorting_and_searching.g.h"
#include "ops/argument_types.h"
#include "ops/axis.h"
#include "ops/dispatch.h"
#include "torchscratch/autograd.h"
#include "torchscratch/operators.h"
#include "torchscratch/ops/clone.g.h"
#include "torchscratch/ops/contiguous.g.h"
#include "torchscratch/ops/flatten.g.h"
#include "torchscratch/ops/gather.g.h"
#include "torchscratch/ops/index_add.g.h"
#include "torchscratch/ops/index_select.g.h"
#include "torchscratch/ops/inverse.g.h"
#include "torchscratch/ops/mode_places.g.h"
#include "torchscratch/ops/reshape.g.h"
#include "torchscratch/ops/squeeze.g.h"
#include "torchscratch/ops/to.g.h"
#include "torchscratch/ops/transpose.g.h"
#include "torchscratch/ops/zeros.g.h"
#include "torchscratch/tensor.h"

namespace ts {
namespace {

template <class T>
auto comparable(T value) {
  return value;
}
inline float comparable(Half value) { return to_float(value); }
inline float comparable(BFloat16 value) { return to_float(value); }

// NaN comes last, and no NaN equals another.
template <class T>
bool comes_before(T a, T b) {
  return a < b || (b != b && a == a);
}

// Dense slices, `length` elements each.
struct Slices {
  Tensor dense;
  std::int64_t count, length;
};

template <class T>
bool equal(const T* a, const T* b, std::int64_t length) {
  for (std::int64_t i = 0; i < length; ++i) {
    if (comparable(a[i]) != comparable(b[i])) return false;
  }
  return true;
}

template <class T>
bool slice_before(const T* a, const T* b, std::int64_t length) {
  for (std::int64_t i = 0; i < length; ++i) {
    const auto x = comparable(a[i]), y = comparable(b[i]);
    if (comes_before(x, y)) return true;
    if (comes_before(y, x)) return false;
  }
  return false;
}

// The elements of self as slices of one, or the slices along dim.
Slices slices_of(const Tensor& self, OptionalInt dim) {
  if (!dim) return {contiguous(flatten(self)), self.numel(), 1};
  const int d = normalize_dim(*dim, self.dim());
  if (self.dim() == 0) return {contiguous(self), 1, 1};
  const std::int64_t count = self.sizes()[d];
  const std::int64_t length = product(self.sizes()) == 0 ? 0 : self.numel() / count;
  TS_CHECK(length > 0 || count == 0, ShapeError, "the slices along dimension ", d, " of ", describe(self),
           " are empty, so that none can be told from another");
  // In PyTorch's order within a slice, which decides the order of slices.
  return {contiguous(transpose(self, d, 0)), count, length};
}

// Slices in `order`; equal neighbours become one.
std::tuple<Tensor, Tensor, Tensor> merged(const Tensor& self, const Slices& slices,
                                          const std::vector<std::int64_t>& order, bool return_inverse,
                                          bool return_counts, OptionalInt dim) {
  std::vector<std::int64_t> first, counts, inverse(order.size());
  dispatch_all(self.dtype(), [&]<class T>() {
    const T* const data = static_cast<const T*>(slices.dense.raw_data());
    const auto at = [&](std::size_t i) { return data + order[i] * slices.length; };
    for (std::size_t i = 0; i < order.size(); ++i) {
      if (i == 0 || !equal(at(i - 1), at(i), slices.length)) {
        first.push_back(order[i]);
        counts.push_back(0);
      }
      ++counts.back();
      inverse[static_cast<std::size_t>(order[i])] = static_cast<std::int64_t>(first.size()) - 1;
    }
  });
  const Tensor places = tensor(first);
  Tensor output = dim && self.dim() > 0 ? index_select(self, *dim, places) : index_select(flatten(self), 0, places);
  Tensor which, how_often;
  if (return_inverse) which = dim ? tensor(inverse) : reshape(tensor(inverse), self.sizes());
  if (return_counts) how_often = tensor(counts);
  return {output, which, how_often};
}

}  // namespace

std::tuple<Tensor, Tensor, Tensor> unique_composite(const Tensor& self, bool /*sorted*/, bool return_inverse, bool return_counts, OptionalInt dim) {
  const NoGrad no_grad;
  const Slices slices = slices_of(self, dim);
  std::vector<std::int64_t> order(static_cast<std::size_t>(slices.count));
  std::iota(order.begin(), order.end(), 0);
  dispatch_all(self.dtype(), [&]<class T>() {
    const T* const data = static_cast<const T*>(slices.dense.raw_data());
    std::stable_sort(order.begin(), order.end(), [&](std::int64_t a, std::int64_t b) {
      return slice_before(data + a * slices.length, data + b * slices.length, slices.length);
    });
  });
  return merged(self, slices, order, return_inverse, return_counts, dim);
}

std::tuple<Tensor, Tensor, Tensor> unique_consecutive_composite(const Tensor& self, bool return_inverse,
                                                                bool return_counts, OptionalInt dim) {
  const NoGrad no_grad;
  const Slices slices = slices_of(self, dim);
  std::vector<std::int64_t> order(static_cast<std::size_t>(slices.count));
  std::iota(order.begin(), order.end(), 0);
  return merged(self, slices, order, return_inverse, return_counts, dim);
}

Tensor bincount_composite(const Tensor& self, const Tensor& weights, std::int64_t minlength) {
  TS_CHECK(self.dim() == 1, ShapeError, "takes a vector, got ", describe(self));
  TS_CHECK(!is_floating(self.dtype()) && self.dtype() != DType::Bool, DTypeError, "takes integers, got ",
           describe(self));
  TS_CHECK(minlength >= 0, ValueError, "minlength must not be negative, got ", minlength);
  TS_CHECK(!weights.defined() || weights.sizes() == self.sizes(), ShapeError, "weights must have the shape of self, ",
           describe(self), ", got ", describe(weights));
  const NoGrad no_grad;
  const Tensor values = contiguous(to(self, DType::Int64));
  std::int64_t length = minlength;
  const auto* const at = values.data<std::int64_t>();
  for (std::int64_t i = 0; i < values.numel(); ++i) {
    TS_CHECK(at[i] >= 0, ValueError, "takes no negative numbers, got ", at[i], " at position ", i);
    TS_CHECK(at[i] < std::numeric_limits<std::int64_t>::max(), ValueError, "has no memory for ", at[i], " bins");
    length = std::max(length, at[i] + 1);
  }
  // As in PyTorch, sums are of float32 or float64.
  const DType dtype = !weights.defined()                  ? DType::Int64
                      : weights.dtype() == DType::Float32 ? DType::Float32
                                                          : DType::Float64;
  const Tensor added = weights.defined() ? to(weights.detach(), dtype) : full_composite(values.sizes(), 1, dtype);
  return index_add(zeros_composite({length}, dtype), 0, values, added);
}

Tensor histc_composite(const Tensor& self, std::int64_t bins, const Scalar& min, const Scalar& max) {
  TS_CHECK(is_floating(self.dtype()), DTypeError, "takes floating tensors, got ", describe(self));
  TS_CHECK(bins > 0, ValueError, "bins must be positive, got ", bins);
  const NoGrad no_grad;
  const Tensor values = contiguous(to(flatten(self), DType::Float64));
  const auto* const at = values.data<double>();
  const std::int64_t count = values.numel();
  double low = min.to_double(), high = max.to_double();
  if (low == high && count > 0) {
    low = *std::min_element(at, at + count);
    high = *std::max_element(at, at + count);
  }
  if (low == high) {
    low -= 1;
    high += 1;
  }
  TS_CHECK(std::isfinite(low) && std::isfinite(high), ValueError, "the range [", low, ", ", high, "] is not finite");
  TS_CHECK(low < high, ValueError, "max must not be less than min, got ", low, " and ", high);
  const Tensor histogram = zeros({bins}, DType::Float64);  // which the allocator may refuse
  double* const counts = histogram.data<double>();
  for (std::int64_t i = 0; i < count; ++i) {
    if (!(at[i] >= low && at[i] <= high)) continue;
    const auto bin = static_cast<std::int64_t>((at[i] - low) / (high - low) * static_cast<double>(bins));
    ++counts[std::min(bin, bins - 1)];  // the last bin is closed
  }
  return to(histogram, self.dtype());
}

std::tuple<Tensor, Tensor> mode_composite(const Tensor& self, std::int64_t dim, bool keepdim) {
  const int d = normalize_dim(dim, self.dim());
  if (self.dim() == 0) return {clone(self), zeros_composite({}, DType::Int64)};
  const Tensor places = mode_places(self.detach(), d);
  const Tensor values = gather(self, d, places);
  return keepdim ? std::tuple{values, places} : std::tuple{squeeze(values, d), squeeze(places, d)};
}

namespace cpu {

void mode_places(const Tensor& result, const Tensor& self, std::int64_t dim) {
  if (self.numel() == 0) return;
  const Axis axis = axis_of(self.sizes(), dim);
  dispatch_all(self.dtype(), [&]<class T>() {
    const T* const from = static_cast<const T*>(self.raw_data());
    const std::int64_t grain = std::max<std::int64_t>(1, 4096 / axis.size);
    parallel_for(axis.outer * axis.inner, grain, [&](std::int64_t begin, std::int64_t end) {
      std::vector<std::int64_t> order(static_cast<std::size_t>(axis.size));
      for (std::int64_t lane = begin; lane < end; ++lane) {
        const T* const values = from + lane / axis.inner * axis.size * axis.inner + lane % axis.inner;
        const auto value = [&](std::int64_t i) { return comparable(values[i * axis.inner]); };
        std::iota(order.begin(), order.end(), 0);
        std::stable_sort(order.begin(), order.end(),
                         [&](std::int64_t a, std::int64_t b) { return comes_before(value(a), value(b)); });
        std::int64_t best = order[0], most = 0, run = 0;
        for (std::size_t i = 0; i < order.size(); ++i) {
          run = i > 0 && value(order[i]) == value(order[i - 1]) ? run + 1 : 1;
          if (run <= most) continue;
          most = run;
          best = order[i];
        }
        result.data<std::int64_t>()[lane] = best;
      }
    });
  });
}

}  // namespace cpu
}  // namespace ts
