// How a reduction runs through memory: the dimensions of its operand, divided into those that are kept and those that are
// reduced, each sorted by stride and merged where possible.
#pragma once

#include <cstdint>

#include "tensor/integer_math.h"
#include "torchscratch/tensor.h"

namespace ts::cpu {

struct ReductionDim {
  std::int64_t size, stride, out_stride;  // out_stride: distance in the result, which is contiguous
};

/// Dimensions of one kind, outermost first.
struct DimGroup {
  ReductionDim dims[kMaxDims];
  int count = 0;

  std::int64_t numel() const {
    std::int64_t result = 1;
    for (int i = 0; i < count; ++i) result = wrapping_product(result, dims[i].size);
    return result;
  }
  /// The offset of element `index` of the group, in row-major order, in the operand and in the result.
  std::int64_t offset(std::int64_t index) const {
    std::int64_t result = 0;
    for (int i = count - 1; i >= 0; --i) {
      result += index % dims[i].size * dims[i].stride;
      index /= dims[i].size;
    }
    return result;
  }
  std::int64_t out_offset(std::int64_t index) const {
    std::int64_t result = 0;
    for (int i = count - 1; i >= 0; --i) {
      result += index % dims[i].size * dims[i].out_stride;
      index /= dims[i].size;
    }
    return result;
  }
};

struct ReductionPlan {
  DimGroup kept, reduced;
  bool innermost_is_reduced = true;
  std::int64_t innermost_stride = 1;
};

/// The plan for the dimensions in `mask` (see reduced_dims) of a tensor that is not empty. If the innermost stride is
/// not 1, `*self` is replaced by a dense copy.
ReductionPlan plan_reduction(Tensor* self, std::uint32_t mask);

}  // namespace ts::cpu
