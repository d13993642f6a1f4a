// Shapes and element types of results, and the checks of operands that go with them. Rows of the op table call these
// functions under `shape:` and `dtype:`. They run before anything is allocated, so an operator that throws has changed
// nothing. An error message says what does not fit and how to fix it.
#pragma once

#include <cstdint>
#include <optional>

#include "torchscratch/enums.g.h"
#include "torchscratch/tensor.h"

namespace ts {

/// Throws ValueError if an operand is an undefined tensor.
void check_defined(const Tensor& tensor, const char* argument);

[[noreturn]] void refuse_device(const Tensor& tensor, const char* argument, Device device);

/// Throws DeviceError unless an operand is on the device of the others; an undefined one always is.
inline void check_device(const Tensor& tensor, const char* argument, Device device) {
  if (tensor.defined() && tensor.device() != device) refuse_device(tensor, argument, device);
}

namespace infer {

// ---- Any operator ----

/// The shape of `tensor`.
inline const Dims& same(const Tensor& tensor) { return tensor.sizes(); }

/// The common type of the two factors of a matrix product, which must be equal, since these operators do not promote.
/// Throws DTypeError for bool.
DType same_dtype(const Tensor& a, const Tensor& b);

/// The type in which sums over elements of `tensor` are computed and kept: float32 for 16-bit floats, otherwise its own.
/// Throws DTypeError unless it is floating.
DType compute_dtype(const Tensor& tensor);

/// The shape of `tensor` with its last size replaced.
Dims with_last(const Tensor& tensor, std::int64_t size);

// ---- Reductions ----

/// The shape after a reduction over `dim`; kept dimensions have size 1.
Dims reduced(const Tensor& self, const std::optional<IntList>& dim, bool keepdim);
/// The same for one dimension, which must not be empty.
Dims reduced_non_empty(const Tensor& self, std::int64_t dim, bool keepdim);
/// A scalar computed from at least one element.
Dims scalar_of_non_empty(const Tensor& self);
/// The shape after a reduction over one dimension, or over all of them.
Dims arg_reduced(const Tensor& self, std::optional<std::int64_t> dim, bool keepdim);

// ---- Products of matrices ----

Dims mm(const Tensor& self, const Tensor& mat2);
Dims bmm(const Tensor& self, const Tensor& mat2);
Dims addmm_nt(const Tensor& input, const Tensor& weight, const Tensor& bias);

// ---- Indexing ----

/// The shape of one row of indices into a tensor of `sizes` for each of `positions`.
inline Dims coordinates(const Tensor& positions, IntList sizes) {
  return {positions.numel(), static_cast<std::int64_t>(sizes.size())};
}
Dims cat(Span<const Tensor> tensors, std::int64_t dim);
Dims index_select(const Tensor& self, std::int64_t dim, const Tensor& index);
Dims index_add(const Tensor& self, std::int64_t dim, const Tensor& index, const Tensor& source);
Dims gather(const Tensor& self, std::int64_t dim, const Tensor& index);
Dims scatter_add(const Tensor& self, std::int64_t dim, const Tensor& index, const Tensor& src);
Dims scatter_reduce(const Tensor& self, std::int64_t dim, const Tensor& index, const Tensor& src,
                    ScatterReduction reduce);
/// The dimensions of `indices` replace the indexed dimensions if these are adjacent; otherwise they come first.
Dims take_indices(const Tensor& self, IntList dims, const Tensor& indices);
Dims put_indices(const Tensor& self, IntList dims, const Tensor& indices, const Tensor& values);

// ---- Images, (N, C, H, W) ----

Dims conv2d(const Tensor& input, const Tensor& weight, const Tensor& bias, IntList stride, IntList padding,
            IntList dilation, std::int64_t groups);
Dims max_pool2d(const Tensor& input, IntList kernel_size, IntList stride, IntList padding, IntList dilation,
                bool ceil_mode);

/// The batch and channels of (N, C, D, H, W), followed by the given sizes.
inline Dims pooled(const Tensor& input, IntList output_size) {
  return {input.size(0), input.size(1), output_size[0], output_size[1], output_size[2]};
}

// ---- Losses ----

Dims cross_entropy_classes(const Tensor& input, const Tensor& target);
/// The type of the log-normalizer, precise enough that a gradient loses no accuracy by being computed from it.
DType log_normalizer_dtype(const Tensor& input);

}  // namespace infer
}  // namespace ts
