// Functions for the `prepare` expressions of the op table: they convert and check arguments before an operator runs.
#pragma once

#include <tuple>

#include "ops/argument_types.h"
#include "ops/pointwise_call.h"
#include "torchscratch/tensor.h"

namespace ts {

/// self, or self converted to `dtype`, contiguous; throws DTypeError for integers with no floating dtype given.
Tensor floating_contiguous(const Tensor& self, OptionalDType dtype);
/// The operand of a sum: self converted to `dtype` if given, otherwise with integers converted to int64.
Tensor sum_input(const Tensor& self, OptionalDType dtype);
/// The operand of a mean: self converted to `dtype` if given; throws DTypeError for integers with no floating dtype given.
Tensor mean_input(const Tensor& self, OptionalDType dtype);
/// `index` as a contiguous int64 tensor.
Tensor index_input(const Tensor& index);
/// The same for operators that accept int64 only, as in PyTorch those do that have one index for each element.
Tensor long_index(const Tensor& index);
/// Promoted to one dtype and contiguous. Legacy empty 1-d tensors are dropped, or if they require a gradient, reshaped
/// to fit the others.
TensorList cat_inputs(Span<const Tensor> tensors, std::int64_t dim);
/// What sum_factor and power_exponent check, for the type of the result.
void check_floating_factor(const Scalar& alpha, DType sum);
void check_exponent(const Scalar& exponent, DType power);
/// `value`, which is converted to the type of `self`. Throws ValueError if it does not fit; see check_fits.
inline Scalar fitting(const Scalar& value, const Tensor& self) {
  check_fits(value, self.dtype());
  return value;
}
/// The factor of `other` in a sum. Throws ValueError if it is floating and the sum is not, or if it does not fit.
inline Scalar sum_factor(const Scalar& alpha, const PointwiseInput& self, const PointwiseInput& other) {
  if (alpha.is_floating()) check_floating_factor(alpha, promoted_type({self, other}));
  return alpha;
}
/// The exponent of a power. A number must fit in the type of the result, and must not be negative if that is an
/// integer.
inline Scalar power_exponent(const Tensor& self, const Scalar& exponent) {
  const bool usual = exponent.is_floating() ? exponent.to_double() >= -65504 && exponent.to_double() <= 65504
                                            : exponent.to_int() >= 0 && exponent.to_int() <= 127;
  if (!usual) check_exponent(exponent, promoted_type({self, exponent}));
  return exponent;
}
inline const Tensor& power_exponent(const Tensor&, const Tensor& exponent) { return exponent; }
inline const Tensor& power_exponent(const Scalar&, const Tensor& exponent) { return exponent; }
/// `values` as a list of N numbers; a single number is repeated. Throws a ValueError that names `argument`.
Dims expand_list(IntList values, int count, const char* argument);

// ---- Composites that compute 16-bit floats in float32, `wide:` in the op table ----

/// Whether a tensor, or any one of a list, has a 16-bit floating type.
bool is_half(const Tensor& tensor);
bool is_half(Span<const Tensor> tensors);
/// The tensor as float32 if it has a 16-bit floating type.
Tensor widened(const Tensor& tensor);
TensorList widened(Span<const Tensor> tensors);
/// The type to which the floating ones among the operands promote.
void promote_floating(const Tensor& tensor, OptionalDType* type);
void promote_floating(Span<const Tensor> tensors, OptionalDType* type);
template <class... Operands>
DType common_type(const Operands&... operands) {
  OptionalDType type;
  (promote_floating(operands, &type), ...);
  return *type;
}
/// Whether there are such operands and no wider floating ones: mixed types are left to the operator, which may not accept
/// them.
template <class... Operands>
bool any_half(const Operands&... operands) {
  return (is_half(operands) || ...) && item_size(common_type(operands...)) == 2;
}
/// A float32 result rounded to `type`; results of other types, such as indices, are unchanged.
Tensor rounded(const Tensor& result, DType type);
template <class... Results>
std::tuple<Results...> rounded(const std::tuple<Results...>& results, DType type) {
  return std::apply([&](const auto&... each) { return std::tuple<Results...>(rounded(each, type)...); }, results);
}

}  // namespace ts
