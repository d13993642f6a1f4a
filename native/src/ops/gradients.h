// Parts of gradient formulas that several families share, or that are awkward as one expression (gradients.cpp).
// They are written with public operators, so they can be differentiated again.
#pragma once

#include <vector>

#include "ops/argument_types.h"
#include "torchscratch/autograd.h"
#include "torchscratch/tensor.h"

namespace ts {

// ---- Shared ----

/// The shape of each tensor.
inline std::vector<Dims> sizes_of(Span<const Tensor> tensors) {
  std::vector<Dims> sizes;
  for (const Tensor& tensor : tensors) sizes.push_back(tensor.sizes());
  return sizes;
}
/// A zero gradient for an output that received none.
Tensor zeros_of(const TensorMeta& meta);
/// grad * factor; grad itself if factor is 1.
Tensor scaled(const Tensor& grad, const Scalar& factor);
/// value, which does not change with `variable`: its gradient with respect to it is zero instead of missing.
Tensor connected(const Tensor& value, const Tensor& variable);
/// Sums over dimensions that were broadcast from `sizes`. Throws ShapeError when they were not.
Tensor summed_to_size(const Tensor& grad, const Dims& sizes);

// ---- Arithmetic ----

/// One operand's part of the gradient of maximum or minimum: nothing where it has `lost`, half where both are equal.
/// Where either is NaN, neither has lost.
Tensor shared_with_equal(const Tensor& grad, const Tensor& self, const Tensor& other, const Tensor& lost);
Tensor pow_backward_self(const Tensor& grad, const Tensor& self, const Tensor& exponent);
Tensor pow_backward_self(const Tensor& grad, const Tensor& self, const Scalar& exponent);
Tensor pow_backward_exponent(const Tensor& grad, const Tensor& self, const Tensor& exponent, const Tensor& result);
Tensor pow_backward_exponent(const Tensor& grad, const Scalar& self, const Tensor& exponent, const Tensor& result);

// ---- Reductions ----

/// The gradient of a reduction, expanded to the shape of its operand.
Tensor expand_reduced(const Tensor& grad, const Dims& sizes, const OptionalInts& dim, bool keepdim);
Tensor mean_backward(const Tensor& grad, const Dims& sizes, const OptionalInts& dim, bool keepdim);
/// The gradient of `moments`, where `grad` is that of the spread.
Tensor moments_backward(const Tensor& grad, const Tensor& grad_mean, const Tensor& self, const Tensor& spread,
                        const Tensor& mean, const Tensor& rest, const OptionalInts& dim, std::int64_t correction,
                        bool keepdim, bool root);
/// The gradient of a selection along dim, scattered to the indices that were selected.
Tensor scatter_reduced(const Tensor& grad, const Tensor& indices, const Dims& sizes, std::int64_t dim, bool keepdim);
/// grad divided equally among the elements of self that equal `result`, which is one of them; NaN equals NaN.
Tensor evenly_share(const Tensor& grad, const Tensor& self, const Tensor& result);

// ---- Views and indexing ----

Tensor select_backward(const Tensor& grad, const Dims& sizes, std::int64_t dim, std::int64_t index);
Tensor slice_backward(const Tensor& grad, const Dims& sizes, std::int64_t dim, OptionalInt start, OptionalInt end,
                      std::int64_t step);
TensorList cat_backward(const Tensor& grad, const std::vector<Dims>& sizes, std::int64_t dim);
Dims inverse_permutation(const Dims& dims);
/// The offset of an as_strided view relative to its dense operand.
std::int64_t relative_offset(const Dims& sizes, const Dims& strides, std::int64_t own_offset,
                             OptionalInt storage_offset);
/// The gradient of what scatter wrote: the elements of `grad` named by index, in a tensor of shape `sizes`.
Tensor scatter_source_grad(const Tensor& grad, std::int64_t dim, const Tensor& index, const Dims& sizes);

// ---- Pooling ----

/// Elements of the last two dimensions at flat positions `indices`.
Tensor gather_planes(const Tensor& input, const Tensor& indices);

// ---- Activations and losses ----

Tensor softmax_double_backward(const Tensor& grad, const Tensor& grad_output, const Tensor& output, std::int64_t dim);
Tensor cross_entropy_classes_double_backward_grad(const Tensor& grad, const Tensor& input, const Tensor& target,
                                                  const Tensor& log_normalizer, std::int64_t ignore_index);
Tensor cross_entropy_classes_double_backward_input(const Tensor& grad, const Tensor& grad_output, const Tensor& input,
                                                   const Tensor& target, std::int64_t ignore_index);

}  // namespace ts
