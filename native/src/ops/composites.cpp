// Operators made of other operators.
#include <cmath>

#include "backend/reduced_dims.h"
#include "generated/functions/arithmetic.g.h"
#include "generated/functions/convolution_and_pooling.g.h"
#include "generated/functions/linear_algebra.g.h"
#include "generated/functions/reductions.g.h"
#include "generated/functions/views_and_indexing.g.h"
#include "ops/hints.h"
#include "ops/argument_types.h"
#include "ops/prepare.h"
#include "torchscratch/autograd.h"
#include "torchscratch/operators.h"
#include "torchscratch/ops/addmm_nt.g.h"
#include "torchscratch/ops/bmm.g.h"
#include "torchscratch/ops/cat.g.h"
#include "torchscratch/ops/contiguous.g.h"
#include "torchscratch/ops/convolution2d.g.h"
#include "torchscratch/ops/eq.g.h"
#include "torchscratch/ops/expand.g.h"
#include "torchscratch/ops/floor_divide.g.h"
#include "torchscratch/ops/gt.g.h"
#include "torchscratch/ops/matmul.g.h"
#include "torchscratch/ops/max_pool2d_windows.g.h"
#include "torchscratch/ops/mm.g.h"
#include "torchscratch/ops/ne.g.h"
#include "torchscratch/ops/reshape.g.h"
#include "torchscratch/ops/squeeze.g.h"
#include "torchscratch/ops/sum.g.h"
#include "torchscratch/ops/to.g.h"
#include "torchscratch/ops/true_divide.g.h"
#include "torchscratch/ops/trunc_divide.g.h"
#include "torchscratch/ops/unsqueeze.g.h"
#include "torchscratch/ops/where.g.h"
#include "torchscratch/tensor.h"

namespace ts {

namespace {

template <class A, class B>
Tensor divide_by_mode(const A& self, const B& other, RoundingMode mode) {
  switch (mode) {
    case RoundingMode::None:
      return true_divide(self, other);
    case RoundingMode::Trunc:
      return trunc_divide(self, other);
    case RoundingMode::Floor:
      return floor_divide(self, other);
  }
  throw ValueError("div: unknown rounding mode");
}

}  // namespace

Tensor div_composite(const Tensor& self, const Tensor& other, RoundingMode mode) {
  return divide_by_mode(self, other, mode);
}
Tensor div_composite(const Tensor& self, const Scalar& other, RoundingMode mode) {
  return divide_by_mode(self, other, mode);
}
Tensor div_composite(const Scalar& self, const Tensor& other, RoundingMode mode) {
  return divide_by_mode(self, other, mode);
}

Tensor any_composite(const Tensor& self, OptionalInt dim, bool keepdim) {
  const Tensor nonzero = ne(self, Scalar(0));
  const std::int64_t dims[] = {dim.value_or(0)};
  const Tensor result = gt(dim ? sum(nonzero, IntList(dims, 1), keepdim) : sum(nonzero), Scalar(0));
  return self.dtype() == DType::UInt8 ? to(result, DType::UInt8) : result;
}

Tensor all_composite(const Tensor& self, OptionalInt dim, bool keepdim) {
  const Tensor zero = eq(self, Scalar(0));
  const std::int64_t dims[] = {dim.value_or(0)};
  const Tensor result = eq(dim ? sum(zero, IntList(dims, 1), keepdim) : sum(zero), Scalar(0));
  return self.dtype() == DType::UInt8 ? to(result, DType::UInt8) : result;
}

// ---- Products of matrices ----

// Every case is reduced to one of two kernels: a matrix product, or a batch of products of equal shape. A vector
// becomes a matrix with one row or column; a batch on the left of a single matrix becomes one tall matrix.
Tensor matmul_composite(const Tensor& self, const Tensor& other) {
  TS_CHECK(self.dim() > 0 && other.dim() > 0, ShapeError, "expected tensors with at least one dimension, got ",
           describe(self), " and ", describe(other), "; use mul for scalars");
  const std::int64_t inner = self.sizes().back();
  const std::int64_t other_inner = other.dim() == 1 ? other.size(0) : other.size(-2);
  TS_CHECK(inner == other_inner, ShapeError, "cannot multiply ", describe(self), " by ", describe(other),
           ": the inner sizes ", inner, " and ", other_inner, " differ");
  if (self.dim() == 2 && other.dim() == 2) return mm(self, other);
  if (self.dim() == 1) {
    const Tensor row = matmul_composite(unsqueeze(self, 0), other.dim() == 1 ? unsqueeze(other, 1) : other);
    const Tensor vector = squeeze(row, other.dim() == 1 ? -1 : -2);
    return other.dim() == 1 ? squeeze(vector, -1) : vector;
  }
  if (other.dim() == 1) return squeeze(matmul_composite(self, unsqueeze(other, 1)), -1);
  const std::int64_t rows = self.size(-2);
  const std::int64_t columns = other.size(-1);
  if (other.dim() == 2) {
    Dims shape = self.sizes();
    shape[shape.size() - 1] = columns;
    std::int64_t tall = 1;
    for (int i = 0; i + 1 < self.dim(); ++i) tall = wrapping_product(tall, self.sizes()[i]);
    return reshape(mm(reshape(self, {tall, inner}), other), shape);
  }
  const Dims self_batch(self.sizes().data(), static_cast<std::size_t>(self.dim() - 2));
  const Dims other_batch(other.sizes().data(), static_cast<std::size_t>(other.dim() - 2));
  const Dims batch = broadcast_shapes(self_batch, other_batch);
  const std::int64_t count = product(batch);
  const auto as_batch = [&](const Tensor& tensor, std::int64_t n, std::int64_t m) {
    Dims shape = batch;
    shape.push_back(n);
    shape.push_back(m);
    return reshape(expand(tensor, shape), {count, n, m});
  };
  Dims shape = batch;
  shape.push_back(rows);
  shape.push_back(columns);
  return reshape(bmm(as_batch(self, rows, inner), as_batch(other, inner, columns)), shape);
}

Tensor linear_composite(const Tensor& input, const Tensor& weight, const Tensor& bias) {
  TS_CHECK(weight.dim() == 2 || weight.dim() == 1, ShapeError, "weight must be (out, in) or (in), got ",
           describe(weight));
  TS_CHECK(input.dim() > 0 && input.sizes().back() == weight.sizes().back(), ShapeError, "input ", describe(input),
           " does not fit weight ", describe(weight), ": its last size must be ", weight.sizes().back(),
           features_hint(input, weight));
  if (weight.dim() == 1) {
    const Tensor product = matmul(input, weight);
    return bias.defined() ? product + bias : product;
  }
  const bool fits = !bias.defined() || (bias.dim() == 1 && bias.size(0) == weight.size(0));
  // The product and the bias are rounded together, as they are where the bias is part of the product.
  if (!fits && any_half(input, weight, bias)) {
    return rounded(linear_composite(widened(input), widened(weight), widened(bias)), common_type(input, weight, bias));
  }
  if (input.dim() == 2 && fits) return addmm_nt(input, weight, bias);
  Dims shape = input.sizes();
  shape[shape.size() - 1] = weight.size(0);
  std::int64_t rows = 1;
  for (int i = 0; i + 1 < input.dim(); ++i) rows = wrapping_product(rows, input.sizes()[i]);
  const Tensor flat = addmm_nt(reshape(input, {rows, weight.size(1)}), weight, fits ? bias : Tensor());
  const Tensor result = reshape(flat, shape);
  return fits ? result : result + bias;
}

Tensor stack_composite(Span<const Tensor> tensors, std::int64_t dim) {
  TS_CHECK(!tensors.empty(), ValueError, "expected at least one tensor");
  const int d = normalize_dim(dim, tensors[0].dim() + 1);
  TensorList slices;
  for (const Tensor& tensor : tensors) {
    TS_CHECK(tensor.sizes() == tensors[0].sizes(), ShapeError, "all tensors must have the same shape, got ",
             describe(tensors[0]), " and ", describe(tensor));
    slices.push_back(unsqueeze(tensor, d));
  }
  return cat(slices, d);
}

Tensor masked_fill_composite(const Tensor& self, const Tensor& mask, const Scalar& value) {
  TS_CHECK(mask.dtype() == DType::Bool, DTypeError, "mask must be bool, got ", describe(mask));
  check_fits(value, self.dtype());
  // Converted first: promoting self to the type of the number could change its elements.
  const Scalar element = is_floating(self.dtype())     ? value
                         : self.dtype() == DType::Bool ? Scalar(value.to_bool())
                                                       : Scalar(value.to_int());
  return to(where(mask, element, self), self.dtype());
}

Tensor masked_fill_composite(const Tensor& self, const Tensor& mask, const Tensor& value) {
  TS_CHECK(mask.dtype() == DType::Bool, DTypeError, "mask must be bool, got ", describe(mask));
  TS_CHECK(value.dim() == 0, ShapeError, "value must be a number or a 0-d tensor, got ", describe(value));
  return where(mask, to(value, self.dtype()), self);
}

// ---- Convolution and pooling ----

Tensor conv2d_composite(const Tensor& input, const Tensor& weight, const Tensor& bias, IntList stride, IntList padding,
                        IntList dilation, std::int64_t groups) {
  TS_CHECK(input.dim() == 3 || input.dim() == 4, ShapeError, "input must be (N, C, H, W) or (C, H, W), got ",
           describe(input), dimensions_hint(input, 2));
  const bool single = input.dim() == 3;
  TS_CHECK(!single || weight.dim() != 4 || groups <= 0 || input.size(0) == weight.size(1) * groups, ShapeError, "input ",
           describe(input), " has ", input.size(0), " channels, but weight ", describe(weight), " with groups=", groups,
           " expects ", weight.size(1) * groups, channels_hint(input, weight.size(1) * groups, 2));
  const Dims strides = expand_list(stride, 2, "stride");
  const Dims paddings = expand_list(padding, 2, "padding");
  const Dims dilations = expand_list(dilation, 2, "dilation");
  const Tensor result =
      convolution2d(contiguous(single ? unsqueeze(input, 0) : input), contiguous(weight),
                    bias.defined() ? contiguous(bias) : bias, strides, paddings, dilations, groups);
  return single ? squeeze(result, 0) : result;
}

Tensor max_pool2d_composite(const Tensor& input, IntList kernel_size, OptionalInts stride, IntList padding,
                            IntList dilation, bool ceil_mode) {
  return std::get<0>(max_pool2d_with_indices_composite(input, kernel_size, stride, padding, dilation, ceil_mode));
}

std::tuple<Tensor, Tensor> max_pool2d_with_indices_composite(const Tensor& input, IntList kernel_size,
                                                             OptionalInts stride, IntList padding, IntList dilation,
                                                             bool ceil_mode) {
  TS_CHECK(input.dim() == 3 || input.dim() == 4, ShapeError, "input must be (N, C, H, W) or (C, H, W), got ",
           describe(input));
  const Dims kernel = expand_list(kernel_size, 2, "kernel_size");
  const Dims strides = stride && !stride->empty() ? expand_list(*stride, 2, "stride") : kernel;
  const Dims paddings = expand_list(padding, 2, "padding");
  const Dims dilations = expand_list(dilation, 2, "dilation");
  const bool single = input.dim() == 3;
  const auto [output, indices] =
      max_pool2d_windows(single ? unsqueeze(input, 0) : input, kernel, strides, paddings, dilations, ceil_mode);
  if (!single) return {output, indices};
  return {squeeze(output, 0), squeeze(indices, 0)};
}

}  // namespace ts
