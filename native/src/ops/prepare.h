// What `prepare` expressions of the op table call: arguments converted and checked before an operator uses them.
#pragma once

#include "ops/argument_types.h"
#include "torchscratch/tensor.h"

namespace ts {

/// self, or self converted to `dtype`, contiguous; throws DTypeError for integers with no floating dtype given.
Tensor floating_contiguous(const Tensor& self, OptionalDType dtype);
/// What a sum runs over: converted to `dtype`, or integers to int64.
Tensor sum_input(const Tensor& self, OptionalDType dtype);
/// A contiguous int64 index.
Tensor index_input(const Tensor& index);
/// The same for operators that take int64 alone, as PyTorch's do that have an index for every element.
Tensor long_index(const Tensor& index);
/// Promoted to one dtype and contiguous; legacy empty 1-d tensors are dropped.
TensorList cat_inputs(Span<const Tensor> tensors);
/// `values` as N numbers: one stands for all. Throws ValueError naming `argument`.
Dims expand_list(IntList values, int count, const char* argument);

}  // namespace ts
