// The `copy` kernel: any strides, any two dtypes. The pointwise engine does the work, except for copies of dense
// memory.
#include "ops/copy.h"

#include <algorithm>
#include <cstring>

#include "cpu/cache_size.h"
#include "cpu/convert.h"
#include "cpu/pointwise_engine.h"
#include "cpu/thread_pool.h"
#include "generated/cpu/views_and_indexing.g.h"
#include "ops/infer.h"
#include "ops/pointwise_args.h"

namespace ts::cpu {
namespace {

// Calls fn(first, count) for parts of `bytes` bytes, whole pages but for the last.
template <class Fn>
void for_each_part(std::int64_t bytes, Fn fn) {
  constexpr std::int64_t kUnit = 4096;
  parallel_for((bytes + kUnit - 1) / kUnit, kMinParallelBytes / kUnit, [&](std::int64_t begin, std::int64_t end) {
    fn(begin * kUnit, std::min(bytes, end * kUnit) - begin * kUnit);
  });
}

void copy_bytes(void* to, const void* from, std::int64_t bytes) {
  const bool streams = bytes > cache_sizes().l3;
  for_each_part(bytes, [&](std::int64_t first, std::int64_t count) {
    auto* target = static_cast<char*>(to) + first;
    const auto* source = static_cast<const char*>(from) + first;
    if (streams) {
      stream_copy(target, source, count);
      stream_fence();
    } else {
      std::memcpy(target, source, static_cast<std::size_t>(count));
    }
  });
}

}  // namespace

void fill_with_zeros(const Tensor& dense) {
  auto* const data = static_cast<char*>(dense.raw_data());
  for_each_part(dense.numel() * item_size(dense.dtype()), [&](std::int64_t first, std::int64_t count) {
    std::memset(data + first, 0, static_cast<std::size_t>(count));
  });
}

void copy(const Tensor& result, const Tensor& self) {
  if (result.numel() == 0) return;
  if (self.is_contiguous() && result.is_contiguous() && self.dtype() == result.dtype()) {
    return copy_bytes(result.raw_data(), self.raw_data(), self.numel() * item_size(self.dtype()));
  }
  PointwiseArgs args;
  args.ndim = self.dim();
  args.operand_count = 2;
  args.numel = self.numel();
  args.compute = is_floating(self.dtype()) ? DType::Float64 : DType::Int64;
  const Tensor* const tensors[] = {&result, &self};
  for (int k = 0; k < 2; ++k) {
    args.operands[k].data = tensors[k]->raw_data();
    args.operands[k].dtype = tensors[k]->dtype();
    std::copy_n(tensors[k]->strides().data(), args.ndim, args.operands[k].strides);
  }
  std::copy_n(self.sizes().data(), args.ndim, args.sizes);
  coalesce(args);
  run_copy(args);
}

Tensor dense(const Tensor& tensor) {
  if (tensor.is_contiguous()) return tensor;
  Tensor result = empty_like(tensor);
  copy(result, tensor);
  return result;
}

}  // namespace ts::cpu
