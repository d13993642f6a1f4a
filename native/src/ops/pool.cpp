// Max pooling of (N, C, H, W) and its backward pass. Threads split the planes (one channel of one image each).
//
// A window's maximum is its first largest element, or its first NaN; padding takes no part. The index of a maximum is
// y * W + x in its plane.
#include <algorithm>
#include <cstring>
#include <type_traits>

#include "cpu/thread_pool.h"
#include "generated/cpu_kernels.g.h"
#include "ops/copy.h"
#include "ops/dispatch.h"

namespace ts::cpu {
namespace {

template <class T>
auto comparable(T value) {
  if constexpr (std::is_same_v<T, Half> || std::is_same_v<T, BFloat16>) {
    return to_float(value);
  } else {
    return value;
  }
}

// The places begin, begin + dilation, ... below end that a window touches along one dimension of the image.
struct Window {
  std::int64_t begin, end;
};
Window window(std::int64_t at, std::int64_t stride, std::int64_t padding, std::int64_t dilation, std::int64_t kernel,
              std::int64_t size) {
  std::int64_t begin = at * stride - padding;
  const std::int64_t end = std::min(begin + (kernel - 1) * dilation + 1, size);
  if (begin < 0) begin += (-begin + dilation - 1) / dilation * dilation;
  return {begin, end};
}

}  // namespace

void max_pool2d(const Tensor& output, const Tensor& indices, const Tensor& input, IntList kernel_size, IntList stride,
                IntList padding, IntList dilation, bool /*ceil_mode: the shape of the output says it*/) {
  const std::int64_t planes = input.size(0) * input.size(1), height = input.size(2), width = input.size(3);
  const std::int64_t out_height = output.size(2), out_width = output.size(3);
  const std::int64_t touched = (height * width + out_height * out_width * kernel_size[0] * kernel_size[1]) * 4;
  dispatch_all(input.dtype(), [&]<class T>() {
    const T* const in = static_cast<const T*>(input.raw_data());
    T* const out = static_cast<T*>(output.raw_data());
    std::int64_t* const places = indices.data<std::int64_t>();
    const std::int64_t grain = std::max<std::int64_t>(1, kMinParallelBytes / std::max<std::int64_t>(1, touched));
    parallel_for(planes, grain, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t plane = begin; plane < end; ++plane) {
        const T* const image = in + plane * height * width;
        std::int64_t to = plane * out_height * out_width;
        for (std::int64_t oy = 0; oy < out_height; ++oy) {
          const Window rows = window(oy, stride[0], padding[0], dilation[0], kernel_size[0], height);
          for (std::int64_t ox = 0; ox < out_width; ++ox, ++to) {
            const Window cols = window(ox, stride[1], padding[1], dilation[1], kernel_size[1], width);
            std::int64_t best_at = rows.begin * width + cols.begin;
            auto best = comparable(image[best_at]);
            for (std::int64_t y = rows.begin; y < rows.end; y += dilation[0]) {
              for (std::int64_t x = cols.begin; x < cols.end; x += dilation[1]) {
                const auto value = comparable(image[y * width + x]);
                // `best` NaN compares false with everything and so stays; a first NaN replaces any number.
                if (value > best || (value != value && best == best)) {
                  best = value;
                  best_at = y * width + x;
                }
              }
            }
            out[to] = image[best_at];
            places[to] = best_at;
          }
        }
      }
    });
  });
}

void max_pool2d_backward(const Tensor& result, const Tensor& grad_output, const Tensor& indices,
                         IntList /*input_size*/) {
  const std::int64_t planes = result.size(0) * result.size(1);
  const std::int64_t size = result.size(2) * result.size(3);
  const std::int64_t out_size = grad_output.size(2) * grad_output.size(3);
  const Tensor dense_indices = dense(indices);
  dispatch_floating(result.dtype(), [&]<class T>() {
    T* const to = result.data<T>();
    const T* const from = grad_output.data<T>();
    const std::int64_t* const places = dense_indices.data<std::int64_t>();
    const std::int64_t bytes = (size + 3 * out_size) * static_cast<std::int64_t>(sizeof(T));
    const std::int64_t grain = std::max<std::int64_t>(1, kMinParallelBytes / std::max<std::int64_t>(1, bytes));
    parallel_for(planes, grain, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t plane = begin; plane < end; ++plane) {
        T* const image = to + plane * size;
        std::memset(static_cast<void*>(image), 0, static_cast<std::size_t>(size) * sizeof(T));
        for (std::int64_t i = plane * out_size; i < (plane + 1) * out_size; ++i) {
          T& sum = image[places[i]];
          if constexpr (std::is_same_v<T, Half>) {
            sum = to_half(to_float(sum) + to_float(from[i]));
          } else if constexpr (std::is_same_v<T, BFloat16>) {
            sum = to_bfloat16(to_float(sum) + to_float(from[i]));
          } else {
            sum += from[i];
          }
        }
      }
    });
  });
}

}  // namespace ts::cpu
