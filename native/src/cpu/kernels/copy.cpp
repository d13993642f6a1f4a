// Copying and filling with any strides and any two dtypes. The pointwise engine does the work, except for dense memory.
#include "cpu/kernels/copy.h"

#include <algorithm>
#include <cstring>

#include "backend/pointwise_args.h"
#include "cpu/cache_size.h"
#include "cpu/convert.h"
#include "cpu/strided_copy.h"
#include "cpu/thread_pool.h"
#include "generated/cpu/creation.g.h"
#include "generated/cpu/views_and_indexing.g.h"

namespace ts::cpu {
namespace {

// Calls fn(first, count) for parts of `bytes` bytes, which are whole pages except for the last.
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

// Assigns to each element of `result` the element of `source` at the same index.
void copy_from(const Tensor& result, const PointwiseOperand& source) {
  PointwiseArgs args;
  args.ndim = result.dim();
  args.operand_count = 2;
  args.numel = result.numel();
  args.compute = is_floating(source.dtype) ? DType::Float64 : DType::Int64;
  args.operands[0].data = result.raw_data();
  args.operands[0].dtype = result.dtype();
  std::copy_n(result.strides().data(), args.ndim, args.operands[0].strides);
  args.operands[1] = source;
  std::copy_n(result.sizes().data(), args.ndim, args.sizes);
  coalesce(args);
  strided_copy(args);
}

bool is_all_zero_bytes(const Tensor& number) {
  const auto* const bytes = static_cast<const char*>(number.raw_data());
  return std::all_of(bytes, bytes + item_size(number.dtype()), [](char byte) { return byte == 0; });
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
  PointwiseOperand source;
  source.data = self.raw_data();
  source.dtype = self.dtype();
  std::copy_n(self.strides().data(), self.dim(), source.strides);
  copy_from(result, source);
}

void constant_in(const Tensor& result, const Tensor& self, const Tensor& /*variable*/) { copy(result, self); }

void fill(const Tensor& self, const Scalar& value) {
  if (self.numel() == 0) return;
  const Tensor number = scalar_tensor(value, self.dtype(), Device());
  if (self.is_contiguous() && is_all_zero_bytes(number)) return fill_with_zeros(self);
  PointwiseOperand source;
  source.data = number.raw_data();
  source.dtype = self.dtype();
  std::fill_n(source.strides, self.dim(), 0);
  copy_from(self, source);
}

Tensor dense(const Tensor& tensor) {
  if (tensor.is_contiguous()) return tensor;
  Tensor result = empty_like(tensor);
  copy(result, tensor);
  return result;
}

}  // namespace ts::cpu
