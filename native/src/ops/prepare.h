// Functions for the `prepare` expressions of the op table: they convert and check arguments before an operator runs.
#pragma once

#include "ops/argument_types.h"
#include "torchscratch/tensor.h"

namespace ts {

/// self, or self converted to `dtype`, contiguous; throws DTypeError for integers with no floating dtype given.
Tensor floating_contiguous(const Tensor& self, OptionalDType dtype);
/// The operand of a sum: self converted to `dtype` if given, otherwise with integers converted to int64.
Tensor sum_input(const Tensor& self, OptionalDType dtype);
/// `index` as a contiguous int64 tensor.
Tensor index_input(const Tensor& index);
/// The same for operators that accept int64 only, as in PyTorch those do that have one index for each element.
Tensor long_index(const Tensor& index);
/// Promoted to one dtype and contiguous; legacy empty 1-d tensors are dropped.
TensorList cat_inputs(Span<const Tensor> tensors);
/// `values` as a list of N numbers; a single number is repeated. Throws a ValueError that names `argument`.
Dims expand_list(IntList values, int count, const char* argument);

}  // namespace ts
