// The positions of a pooling operator's windows along one dimension.
#pragma once

#include <algorithm>
#include <cstdint>

#include "tensor/pool_vector.h"
#include "torchscratch/dims.h"

namespace ts {

/// A window covers the positions begin, begin + step, ... below end. `counted` is the divisor of a mean over
/// the window.
struct Window {
  std::int64_t begin, end, counted;
};

/// Windows of `kernel` elements, `dilation` apart, that start at -padding and advance by `stride`.
inline PoolVector<Window> regular_windows(std::int64_t size, std::int64_t count, std::int64_t kernel,
                                          std::int64_t stride, std::int64_t padding, std::int64_t dilation,
                                          bool count_padding) {
  PoolVector<Window> windows;
  windows.reserve(static_cast<std::size_t>(count));
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t first = i * stride - padding, last = first + dilation * (kernel - 1) + 1;
    const std::int64_t skipped = first < 0 ? (dilation - 1 - first) / dilation : 0;
    const std::int64_t begin = first + skipped * dilation, end = std::min(last, size);
    // With ceil_mode a window may reach beyond the right padding; that part is never counted.
    const std::int64_t counted = count_padding ? std::min(last, size + padding) - first : end - begin;
    windows.push_back({begin, end, std::max<std::int64_t>(1, counted)});
  }
  return windows;
}

/// `count` windows that cover the whole dimension: window i is [floor(i size / count), ceil((i + 1) size / count)).
inline PoolVector<Window> adaptive_windows(std::int64_t size, std::int64_t count) {
  PoolVector<Window> windows;
  windows.reserve(static_cast<std::size_t>(count));
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t begin = i * size / count, end = ((i + 1) * size + count - 1) / count;
    windows.push_back({begin, end, std::max<std::int64_t>(1, end - begin)});
  }
  return windows;
}

/// The windows along dimension `d` (0 to 2) of a 3D pooling operator. An empty kernel_size means adaptive windows.
inline PoolVector<Window> windows_along(int d, std::int64_t size, std::int64_t count, IntList kernel_size,
                                        IntList stride, IntList padding, IntList dilation, bool count_padding) {
  if (kernel_size.empty()) return adaptive_windows(size, count);
  const auto at = static_cast<std::size_t>(d);
  return regular_windows(size, count, kernel_size[at], stride[at], padding[at], dilation.empty() ? 1 : dilation[at],
                         count_padding);
}

}  // namespace ts
