// The named C++ functions that rows of the op table call: composites, views and parts of gradient formulas that are
// awkward as one expression. They are written with public operators, so they can be differentiated again.
#pragma once

#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "torchscratch/autograd.h"
#include "torchscratch/in_place.h"
#include "torchscratch/operators.h"

namespace ts {

using OptionalInt = std::optional<std::int64_t>;
using OptionalInts = std::optional<IntList>;
using OptionalDType = std::optional<DType>;

// ---- Arguments (prepare.cpp) ----

/// self, or self converted to `dtype`, contiguous; throws DTypeError for integers with no floating dtype given.
Tensor floating_contiguous(const Tensor& self, OptionalDType dtype);
/// What a sum runs over: converted to `dtype`, or integers to int64.
Tensor sum_input(const Tensor& self, OptionalDType dtype);
/// A contiguous int64 index.
Tensor index_input(const Tensor& index);
/// Promoted to one dtype and contiguous; legacy empty 1-d tensors are dropped.
TensorList cat_inputs(Span<const Tensor> tensors);
/// `values` as N numbers: one stands for all. Throws ValueError naming `argument`.
Dims expand_list(IntList values, int count, const char* argument);

// ---- Gradients (gradients.cpp) ----

/// The shapes of all.
inline std::vector<Dims> sizes_of(Span<const Tensor> tensors) {
  std::vector<Dims> sizes;
  for (const Tensor& tensor : tensors) sizes.push_back(tensor.sizes());
  return sizes;
}
/// A zero gradient for an output that received none.
Tensor zeros_of(const TensorMeta& meta);
/// grad * factor, or grad itself for a factor of 1.
Tensor scaled(const Tensor& grad, const Scalar& factor);
/// The gradient of an element-wise extremum: all of it where `mask` holds, half at ties.
Tensor tie_share(const Tensor& self, const Tensor& other, const Tensor& mask);
Tensor pow_backward_self(const Tensor& grad, const Tensor& self, const Tensor& exponent);
Tensor pow_backward_self(const Tensor& grad, const Tensor& self, const Scalar& exponent);
Tensor pow_backward_exponent(const Tensor& grad, const Tensor& self, const Tensor& exponent, const Tensor& result);
Tensor pow_backward_exponent(const Tensor& grad, const Scalar& self, const Tensor& exponent, const Tensor& result);
Tensor softmax_double_backward(const Tensor& grad, const Tensor& grad_output, const Tensor& output, std::int64_t dim);
/// The gradient of a reduction, stretched to the shape of its operand.
Tensor expand_reduced(const Tensor& grad, const Dims& sizes, const OptionalInts& dim, bool keepdim);
/// The gradient of a selection along dim, put back where it was selected.
Tensor scatter_reduced(const Tensor& grad, const Tensor& indices, const Dims& sizes, std::int64_t dim, bool keepdim);
/// grad divided equally among the elements where `mask` holds.
Tensor evenly_share(const Tensor& grad, const Tensor& mask);
/// Sums over dimensions that were broadcast from `sizes`. Throws ShapeError when they were not.
Tensor sum_to_size(const Tensor& grad, const Dims& sizes);
Tensor select_backward(const Tensor& grad, const Dims& sizes, std::int64_t dim, std::int64_t index);
Tensor slice_backward(const Tensor& grad, const Dims& sizes, std::int64_t dim, OptionalInt start, OptionalInt end,
                      std::int64_t step);
TensorList cat_backward(const Tensor& grad, const std::vector<Dims>& sizes, std::int64_t dim);
Dims inverse_permutation(const Dims& dims);
/// The offset of an as_strided view relative to its dense operand.
std::int64_t relative_offset(const Dims& sizes, const Dims& strides, std::int64_t own_offset,
                             OptionalInt storage_offset);
/// Elements of the last two dimensions at flat positions `indices`.
Tensor gather_planes(const Tensor& input, const Tensor& indices);
Tensor cross_entropy_classes_double_backward_grad(const Tensor& grad, const Tensor& input, const Tensor& target,
                                                  const Tensor& log_normalizer, std::int64_t ignore_index);
Tensor cross_entropy_classes_double_backward_input(const Tensor& grad, const Tensor& grad_output, const Tensor& input,
                                                   const Tensor& target, std::int64_t ignore_index);

// ---- Elementary functions (elementary.cpp) ----

/// self, or bools converted to int64: for functions of numbers.
Tensor number_input(const Tensor& self);
/// `n`, checked to be an order of a derivative.
std::int64_t polygamma_order(std::int64_t n);
Tensor positive_composite(const Tensor& self);
Tensor round_decimals(const Tensor& self, std::int64_t decimals);
Tensor nan_to_num_composite(const Tensor& self, std::optional<double> nan, std::optional<double> posinf,
                            std::optional<double> neginf);
Tensor power_in_double(const Tensor& self, const Tensor& exponent);
Tensor power_in_double(const Tensor& self, const Scalar& exponent);
Tensor power_in_double(const Scalar& self, const Tensor& exponent);
Tensor xlogy_backward_self(const Tensor& grad, const Tensor& self, const Tensor& other);
Tensor xlogy_backward_self(const Tensor& grad, const Tensor& self, const Scalar& other);
Tensor sinc_backward(const Tensor& grad, const Tensor& self);
Tensor logit_backward(const Tensor& grad, const Tensor& self, double eps);
Tensor clamp_scalar(const Tensor& self, const std::optional<Scalar>& min, const std::optional<Scalar>& max);
Tensor clamp_tensors(const Tensor& self, const Tensor& min, const Tensor& max);

// ---- Activations (activations.cpp) ----

/// `lambd`, checked not to be negative.
Scalar softshrink_lambda(const Scalar& lambd);
Tensor celu_composite(const Tensor& input, const Scalar& alpha);
/// The gradient of elu_backward with respect to self, for grad times grad_output.
Tensor elu_backward_self(const Tensor& product, const Tensor& self, const Scalar& alpha, const Scalar& scale,
                         const Scalar& input_scale);
/// Second derivatives.
Tensor silu_curvature(const Tensor& self);
Tensor mish_curvature(const Tensor& self);
Tensor gelu_tanh_curvature(const Tensor& self);

// ---- Views (views.cpp) ----

Tensor view_as_shape(const Tensor& self, IntList size);
Tensor transpose_view(const Tensor& self, std::int64_t dim0, std::int64_t dim1);
Tensor permute_view(const Tensor& self, IntList dims);
Tensor expand_view(const Tensor& self, IntList size);
Tensor squeeze_view(const Tensor& self, OptionalInt dim);
Tensor unsqueeze_view(const Tensor& self, std::int64_t dim);
Tensor select_view(const Tensor& self, std::int64_t dim, std::int64_t index);
Tensor slice_view(const Tensor& self, std::int64_t dim, OptionalInt start, OptionalInt end, std::int64_t step);
Tensor as_strided_view(const Tensor& self, IntList size, IntList stride, OptionalInt storage_offset);

// ---- Composites (composites.cpp) ----

/// One overload per combination of tensors and numbers.
Tensor divide(const Tensor& self, const Tensor& other, RoundingMode mode);
Tensor divide(const Tensor& self, const Scalar& other, RoundingMode mode);
Tensor divide(const Scalar& self, const Tensor& other, RoundingMode mode);
Tensor mean_composite(const Tensor& self, const OptionalInts& dim, bool keepdim, OptionalDType dtype);
Tensor all_composite(const Tensor& self, OptionalInt dim, bool keepdim);
Tensor any_composite(const Tensor& self, OptionalInt dim, bool keepdim);
Tensor matmul_composite(const Tensor& self, const Tensor& other);
Tensor linear_composite(const Tensor& input, const Tensor& weight, const Tensor& bias);
Tensor reshape_composite(const Tensor& self, IntList shape);
Tensor flatten_composite(const Tensor& self, std::int64_t start_dim, std::int64_t end_dim);
Tensor t_composite(const Tensor& self);
Tensor narrow_composite(const Tensor& self, std::int64_t dim, std::int64_t start, std::int64_t length);
TensorList unbind_composite(const Tensor& self, std::int64_t dim);
TensorList split_composite(const Tensor& self, std::int64_t split_size, std::int64_t dim);
TensorList split_sizes_composite(const Tensor& self, IntList sizes, std::int64_t dim);
Tensor stack_composite(Span<const Tensor> tensors, std::int64_t dim);
Tensor masked_fill_composite(const Tensor& self, const Tensor& mask, const Scalar& value);
Tensor masked_fill_composite(const Tensor& self, const Tensor& mask, const Tensor& value);
Tensor conv2d_composite(const Tensor& input, const Tensor& weight, const Tensor& bias, IntList stride, IntList padding,
                        IntList dilation, std::int64_t groups);
Tensor max_pool2d_composite(const Tensor& input, IntList kernel_size, const OptionalInts& stride, IntList padding,
                            IntList dilation, bool ceil_mode);
std::tuple<Tensor, Tensor> max_pool2d_with_indices_composite(const Tensor& input, IntList kernel_size,
                                                             const OptionalInts& stride, IntList padding,
                                                             IntList dilation, bool ceil_mode);

// ---- Losses (losses.cpp) ----

Tensor reduce_loss(const Tensor& loss, Reduction reduction);
Tensor nll_loss_composite(const Tensor& input, const Tensor& target, const Tensor& weight, std::int64_t ignore_index,
                          Reduction reduction);
Tensor cross_entropy_composite(const Tensor& input, const Tensor& target, const Tensor& weight,
                               std::int64_t ignore_index, Reduction reduction, double label_smoothing);
Tensor smooth_l1_loss_composite(const Tensor& input, const Tensor& target, Reduction reduction, double beta);
Tensor huber_loss_composite(const Tensor& input, const Tensor& target, Reduction reduction, double delta);

// ---- Creation and random numbers (creation.cpp) ----

Tensor full_composite(const Dims& size, const Scalar& value, OptionalDType dtype);
Tensor zeros_composite(const Dims& size, OptionalDType dtype);
Tensor arange_composite(const Scalar& start, const Scalar& end, const Scalar& step, OptionalDType dtype);
Tensor eye_composite(std::int64_t n, OptionalInt m, OptionalDType dtype);
Tensor rand_composite(const Dims& size, OptionalDType dtype);
Tensor randn_composite(const Dims& size, OptionalDType dtype);
Tensor randint_composite(std::int64_t low, std::int64_t high, const Dims& size, OptionalDType dtype);
Tensor randperm_composite(std::int64_t n, OptionalDType dtype);
Tensor bernoulli_composite(const Tensor& self);
Tensor dropout_composite(const Tensor& input, double p, bool training);

}  // namespace ts
