// Parts of gradient formulas. All are written with public operators, so they are differentiable themselves.
#include "ops/gradients.h"

#include <algorithm>
#include <cmath>

#include "generated/functions/creation.g.h"
#include "ops/argument_types.h"
#include "torchscratch/autograd.h"
#include "torchscratch/operators.h"
#include "torchscratch/ops/addcmul.g.h"
#include "torchscratch/ops/constant_in.g.h"
#include "torchscratch/ops/copy.g.h"
#include "torchscratch/ops/cross_entropy_classes_backward.g.h"
#include "torchscratch/ops/expand.g.h"
#include "torchscratch/ops/flatten.g.h"
#include "torchscratch/ops/gather.g.h"
#include "torchscratch/ops/isnan.g.h"
#include "torchscratch/ops/log.g.h"
#include "torchscratch/ops/logical_and.g.h"
#include "torchscratch/ops/logical_or.g.h"
#include "torchscratch/ops/pow.g.h"
#include "torchscratch/ops/reshape.g.h"
#include "torchscratch/ops/scatter_add.g.h"
#include "torchscratch/ops/select.g.h"
#include "torchscratch/ops/slice.g.h"
#include "torchscratch/ops/softmax.g.h"
#include "torchscratch/ops/softmax_backward.g.h"
#include "torchscratch/ops/sum.g.h"
#include "torchscratch/ops/to.g.h"
#include "torchscratch/ops/unsqueeze.g.h"
#include "torchscratch/ops/where.g.h"
#include "torchscratch/ops/zeros_like.g.h"
#include "torchscratch/tensor.h"

namespace ts {

Tensor zeros_of(const TensorMeta& meta) { return zeros_composite(meta.sizes, meta.dtype, meta.device); }

Tensor scaled(const Tensor& grad, const Scalar& factor) { return factor.to_double() == 1 ? grad : grad * factor; }

Tensor connected(const Tensor& value, const Tensor& variable) {
  return autograd::needs_grad(variable) ? constant_in(value, variable) : value;
}

// Selected, not multiplied by 0 or 1/2: an infinite gradient must not turn the part of the other operand into NaN.
Tensor shared_with_equal(const Tensor& grad, const Tensor& self, const Tensor& other, const Tensor& lost) {
  return where(lost, Scalar(0), where(self == other, grad * 0.5, grad));
}

// d(x^n)/dx = n x^(n-1); 0 for n = 0, for every x.
Tensor pow_backward_self(const Tensor& grad, const Tensor& self, const Scalar& exponent) {
  const double n = exponent.to_double();
  if (n == 0) return connected(zeros_like(grad), self);
  if (n == 1) return connected(grad, self);
  if (n == 2) return grad * (self * 2);
  return grad * (pow(self, Scalar(n - 1)) * exponent);
}

// Where the derivative is masked, its operands are replaced too: the gradient of what is masked is 0 times an infinity.
Tensor pow_backward_self(const Tensor& grad, const Tensor& self, const Tensor& exponent) {
  const Tensor flat = exponent == 0;
  return where(flat, Scalar(0), grad * (exponent * pow(self, where(flat, Scalar(1), exponent) - 1)));
}

// d(x^n)/dn = x^n log x; for x = 0 and n >= 0 the limit is 0.
Tensor pow_backward_exponent(const Tensor& grad, const Tensor& self, const Tensor& exponent, const Tensor& result) {
  const Tensor flat = logical_and(self == 0, exponent >= 0);
  return where(flat, Scalar(0), grad * (result * log(where(flat, Scalar(1), self))));
}

Tensor pow_backward_exponent(const Tensor& grad, const Scalar& self, const Tensor& exponent, const Tensor& result) {
  const double x = self.to_double();
  if (x == 0) return where(exponent >= 0, Scalar(0), grad * (result * std::log(x)));
  return grad * (result * std::log(x));
}

// f = y (g - sum(g y)) has df/dy^T v = v (g - sum(g y)) - g sum(v y).
Tensor softmax_double_backward(const Tensor& grad, const Tensor& grad_output, const Tensor& output, std::int64_t dim) {
  return grad * (grad_output - sum(grad_output * output, IntList{dim}, true)) -
         grad_output * sum(grad * output, IntList{dim}, true);
}

namespace {

// Reinserts the dimensions that a reduction over `dim` removed, with size 1.
Tensor with_reduced_dims(const Tensor& reduced, int ndim, const OptionalInts& dim, bool keepdim) {
  if (keepdim || ndim == 0) return reduced;
  Dims sizes;
  if (!dim || dim->empty()) return reshape(reduced, Dims::filled(static_cast<std::size_t>(ndim), 1));
  std::uint32_t dropped = 0;
  for (const std::int64_t d : *dim) dropped |= 1u << normalize_dim(d, ndim);
  int next = 0;
  for (int i = 0; i < ndim; ++i) sizes.push_back(dropped >> i & 1u ? 1 : reduced.sizes()[next++]);
  return reshape(reduced, sizes);
}

}  // namespace

Tensor expand_reduced(const Tensor& grad, const Dims& sizes, const OptionalInts& dim, bool keepdim) {
  return expand(with_reduced_dims(grad, sizes.size(), dim, keepdim), sizes);
}

Tensor mean_backward(const Tensor& grad, const Dims& sizes, const OptionalInts& dim, bool keepdim) {
  const std::int64_t count = grad.numel() == 0 ? 1 : product(sizes) / grad.numel();
  return expand_reduced(grad / Scalar(count), sizes, dim, keepdim);
}

// As one product and one sum over the elements: a (x - mean) + (b - a rest), where a is the factor of the deviations
// and b the mean's share. Where a standard deviation is 0, its gradient is 0 instead of 0 / 0.
Tensor moments_backward(const Tensor& grad, const Tensor& grad_mean, const Tensor& self, const Tensor& spread,
                        const Tensor& mean, const Tensor& rest, const OptionalInts& dim, std::int64_t correction,
                        bool keepdim, bool root) {
  const std::int64_t count = spread.numel() == 0 ? 1 : self.numel() / spread.numel();
  const double degrees = std::max(0.0, static_cast<double>(count) - static_cast<double>(correction));
  Tensor factor;
  if (root) {
    const Tensor zero = spread == 0;
    factor = where(zero, Scalar(0), grad / (where(zero, Scalar(1), spread) * degrees));
  } else {
    factor = grad * (2 / degrees);
  }
  const auto wide = [&](const Tensor& tensor) { return with_reduced_dims(tensor, self.dim(), dim, keepdim); };
  const Tensor share = grad_mean / Scalar(count) - factor * rest;
  return addcmul(wide(share), wide(factor), self - wide(mean));
}

Tensor scatter_reduced(const Tensor& grad, const Tensor& indices, const Dims& sizes, std::int64_t dim, bool keepdim) {
  if (sizes.empty()) return grad;
  const std::int64_t dims[] = {dim};
  const OptionalInts only = IntList(dims, 1);
  return scatter_add(zeros_composite(sizes, grad.dtype(), grad.device()), dim, with_reduced_dims(indices, sizes.size(), only, keepdim),
                     with_reduced_dims(grad, sizes.size(), only, keepdim));
}

Tensor evenly_share(const Tensor& grad, const Tensor& self, const Tensor& result) {
  Tensor equal, share;
  {
    const NoGrad no_grad;
    equal = logical_or(self == result, logical_and(isnan(self), isnan(result)));
    share = to(sum(equal), grad.dtype());
  }
  return where(equal, grad / share, Scalar(0));
}

Tensor summed_to_size(const Tensor& grad, const Dims& sizes) {
  if (grad.sizes() == sizes) return grad;
  const int lead = grad.dim() - sizes.size();
  TS_CHECK(lead >= 0, ShapeError, describe(grad), " does not reduce to shape ", sizes.to_string());
  Dims dims;
  for (int i = 0; i < grad.dim(); ++i) {
    const bool stretched = i < lead || (sizes[i - lead] == 1 && grad.sizes()[i] != 1);
    TS_CHECK(stretched || sizes[i - lead] == grad.sizes()[i], ShapeError, describe(grad), " does not reduce to shape ",
             sizes.to_string());
    if (stretched) dims.push_back(i);
  }
  const Tensor total =
      dims.empty() ? grad : sum(grad, IntList(dims.data(), static_cast<std::size_t>(dims.size())), true);
  return lead > 0 ? reshape(total, sizes) : total;
}

// A gradient of zeros with `grad` copied into a view of it; the in-place copy is recorded if grad requires a gradient.
Tensor select_backward(const Tensor& grad, const Dims& sizes, std::int64_t dim, std::int64_t index) {
  const Tensor whole = zeros_composite(sizes, grad.dtype(), grad.device());
  copy_(select(whole, dim, index), grad);
  return whole;
}

Tensor slice_backward(const Tensor& grad, const Dims& sizes, std::int64_t dim, OptionalInt start, OptionalInt end,
                      std::int64_t step) {
  const Tensor whole = zeros_composite(sizes, grad.dtype(), grad.device());
  copy_(slice(whole, dim, start, end, step), grad);
  return whole;
}

TensorList cat_backward(const Tensor& grad, const std::vector<Dims>& sizes, std::int64_t dim) {
  const int d = normalize_dim(dim, grad.dim());
  TensorList pieces;
  std::int64_t at = 0;
  for (const Dims& piece : sizes) {
    pieces.push_back(slice(grad, d, at, at + piece[d]));
    at += piece[d];
  }
  return pieces;
}

Dims inverse_permutation(const Dims& dims) {
  Dims inverse = dims;
  for (int i = 0; i < dims.size(); ++i) inverse[normalize_dim(dims[i], dims.size())] = i;
  return inverse;
}

std::int64_t relative_offset(const Dims& sizes, const Dims& strides, std::int64_t own_offset,
                             OptionalInt storage_offset) {
  const Dims dense = contiguous_strides(sizes);
  for (int i = 0; i < sizes.size(); ++i) {
    TS_CHECK(sizes[i] == 1 || strides[i] == dense[i], AutogradError,
             "`as_strided()` of a non-contiguous tensor has no gradient; call `contiguous()` first");
  }
  return storage_offset.value_or(own_offset) - own_offset;
}

Tensor scatter_source_grad(const Tensor& grad, std::int64_t dim, const Tensor& index, const Dims& sizes) {
  const Tensor picked = gather(grad, dim, index);
  if (picked.sizes() == sizes) return picked;
  // src may be larger than index; only its first elements were used.
  const Tensor whole = zeros_composite(sizes, grad.dtype(), grad.device());
  if (index.numel() == 0) return whole;
  Tensor corner = whole;
  for (int d = 0; d < index.dim(); ++d) corner = slice(corner, d, 0, index.sizes()[d]);
  copy_(corner, picked);
  return whole;
}

Tensor gather_planes(const Tensor& input, const Tensor& indices) {
  const Tensor picked = gather(flatten(input, -2, -1), -1, flatten(indices, -2, -1));
  return reshape(picked, indices.sizes());
}

Tensor cross_entropy_classes_double_backward_grad(const Tensor& grad, const Tensor& input, const Tensor& target,
                                                  const Tensor& log_normalizer, std::int64_t ignore_index) {
  const Tensor unit = full_composite({}, 1, input.dtype(), input.device());
  return sum(grad * cross_entropy_classes_backward(unit, input, target, log_normalizer, ignore_index));
}

// With p = softmax(input), the backward pass is grad_output (p - onehot) / count on the rows counted.
Tensor cross_entropy_classes_double_backward_input(const Tensor& grad, const Tensor& grad_output, const Tensor& input,
                                                   const Tensor& target, std::int64_t ignore_index) {
  const Tensor counted = to(target != Scalar(ignore_index), input.dtype());
  const Tensor weight = grad_output * unsqueeze(counted / sum(counted), 1);
  return softmax_backward(grad * weight, softmax(input, 1), 1);
}

}  // namespace ts
