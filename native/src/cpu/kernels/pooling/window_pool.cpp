// Pooling of dense volumes (N, C, D, H, W) over regular or adaptive windows. Images and signals are treated as volumes
// with leading sizes of 1. Threads share the volumes, one per channel and sample.
//
// A mean first adds the rows of a window into one row, in double (integers in int64), in plain loops over whole rows;
// each output is then a sum of a few neighbours in that row. The backward pass reverses this: the contributions of a
// row of outputs are spread over one row, which is added to all rows of the window. A maximum is the first largest
// element of its window, or its first NaN.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <type_traits>

#include "backend/dispatch.h"
#include "backend/windows.h"
#include "cpu/kernels/addable.h"
#include "cpu/thread_pool.h"
#include "generated/cpu/convolution_and_pooling.g.h"
#include "tensor/pool_vector.h"

namespace ts::cpu {

namespace {

// The types that the composites convert to.
template <class Fn>
void dispatch_pooled(DType dtype, Fn&& fn) {
  switch (dtype) {
    case DType::Float32:
      return fn.template operator()<float>();
    case DType::Float64:
      return fn.template operator()<double>();
    case DType::Int64:
      return fn.template operator()<std::int64_t>();
    default:
      throw_no_kernel(dtype);
  }
}

struct Volumes {
  explicit Volumes(const Dims& sizes)
      : count(sizes[0] * sizes[1]), depth(sizes[2]), height(sizes[3]), width(sizes[4]), size(depth * height * width) {}

  std::int64_t count, depth, height, width, size;
};

struct WindowsOf {
  WindowsOf(const Volumes& in, const Volumes& out, IntList kernel_size, IntList stride, IntList padding,
            IntList dilation, bool count_padding)
      : z(windows_along(0, in.depth, out.depth, kernel_size, stride, padding, dilation, count_padding)),
        y(windows_along(1, in.height, out.height, kernel_size, stride, padding, dilation, count_padding)),
        x(windows_along(2, in.width, out.width, kernel_size, stride, padding, dilation, count_padding)) {}

  PoolVector<Window> z, y, x;
};

void fill_zeros(const Tensor& dense) {
  std::memset(dense.raw_data(), 0, static_cast<std::size_t>(dense.numel() * item_size(dense.dtype())));
}

std::int64_t grain(const Volumes& in, const Volumes& out) {
  return std::max<std::int64_t>(1, kMinParallelBytes / std::max<std::int64_t>(1, 8 * (in.size + out.size)));
}

}  // namespace

namespace {

// Truncated for integers, of which the lowest divided by -1 would trap: it wraps around.
double quotient(double sum, std::int64_t count) { return sum / static_cast<double>(count); }
std::int64_t quotient(std::int64_t sum, std::int64_t count) {
  return count == -1 ? static_cast<std::int64_t>(0 - static_cast<std::uint64_t>(sum)) : sum / count;
}

}  // namespace

void avg_pool_windows(const Tensor& result, const Tensor& input, IntList /*output_size: in the result's shape*/,
                      IntList kernel_size, IntList stride, IntList padding, bool count_include_pad,
                      std::int64_t divisor) {
  if (result.numel() == 0) return;  // other sizes may be huge then, so no windows are listed
  const Volumes in(input.sizes()), out(result.sizes());
  const WindowsOf windows(in, out, kernel_size, stride, padding, {}, count_include_pad);
  dispatch_pooled(input.dtype(), [&]<class T>() {
    using Sum = std::conditional_t<std::is_integral_v<T>, std::int64_t, double>;
    const T* const from = input.data<T>();
    T* const to = result.data<T>();
    parallel_for(in.count, grain(in, out), [&](std::int64_t begin, std::int64_t end) {
      PoolVector<Sum> row(static_cast<std::size_t>(in.width));
      for (std::int64_t v = begin; v < end; ++v) {
        const T* const volume = from + v * in.size;
        T* value = to + v * out.size;
        for (const Window& wz : windows.z) {
          for (const Window& wy : windows.y) {
            std::fill(row.begin(), row.end(), Sum(0));
            Sum* const sums = row.data();
            for (std::int64_t z = wz.begin; z < wz.end; ++z) {
              for (std::int64_t y = wy.begin; y < wy.end; ++y) {
                const T* const line = volume + (z * in.height + y) * in.width;
                for (std::int64_t x = 0; x < in.width; ++x) add_to(sums[x], static_cast<Sum>(line[x]));
              }
            }
            for (const Window& wx : windows.x) {
              Sum sum = 0;
              for (std::int64_t x = wx.begin; x < wx.end; ++x) add_to(sum, sums[x]);
              const std::int64_t count = divisor != 0 ? divisor : wz.counted * wy.counted * wx.counted;
              *value++ = static_cast<T>(quotient(sum, count));
            }
          }
        }
      }
    });
  });
}

void avg_pool_windows_backward(const Tensor& result, const Tensor& grad_output, IntList /*input_size*/,
                               IntList kernel_size, IntList stride, IntList padding, bool count_include_pad,
                               std::int64_t divisor) {
  if (grad_output.numel() == 0) return fill_zeros(result);
  const Volumes in(result.sizes()), out(grad_output.sizes());
  const WindowsOf windows(in, out, kernel_size, stride, padding, {}, count_include_pad);
  const auto run = [&]<class T>() {
    const T* const from = grad_output.data<T>();
    T* const to = result.data<T>();
    parallel_for(in.count, grain(in, out), [&](std::int64_t begin, std::int64_t end) {
      PoolVector<T> row(static_cast<std::size_t>(in.width));
      for (std::int64_t v = begin; v < end; ++v) {
        T* const volume = to + v * in.size;
        std::fill_n(volume, in.size, T(0));
        const T* value = from + v * out.size;
        for (const Window& wz : windows.z) {
          for (const Window& wy : windows.y) {
            std::fill(row.begin(), row.end(), T(0));
            T* const shares = row.data();
            for (const Window& wx : windows.x) {
              const std::int64_t count = divisor != 0 ? divisor : wz.counted * wy.counted * wx.counted;
              const T share = *value++ / static_cast<T>(count);
              for (std::int64_t x = wx.begin; x < wx.end; ++x) shares[x] += share;
            }
            for (std::int64_t z = wz.begin; z < wz.end; ++z) {
              for (std::int64_t y = wy.begin; y < wy.end; ++y) {
                T* const line = volume + (z * in.height + y) * in.width;
                for (std::int64_t x = 0; x < in.width; ++x) line[x] += shares[x];
              }
            }
          }
        }
      }
    });
  };
  if (result.dtype() == DType::Float32) run.template operator()<float>();
  else if (result.dtype() == DType::Float64) run.template operator()<double>();
  else throw_no_kernel(result.dtype());
}

void max_pool_windows(const Tensor& output, const Tensor& indices, const Tensor& input, IntList /*output_size*/,
                      IntList kernel_size, IntList stride, IntList padding, IntList dilation) {
  if (output.numel() == 0) return;
  const Volumes in(input.sizes()), out(output.sizes());
  const WindowsOf windows(in, out, kernel_size, stride, padding, dilation, false);
  const auto step = [&](std::size_t d) { return dilation.empty() ? std::int64_t{1} : dilation[d]; };
  const std::int64_t step_z = step(0), step_y = step(1), step_x = step(2);
  dispatch_pooled(input.dtype(), [&]<class T>() {
    const T* const from = input.data<T>();
    T* const to = output.data<T>();
    std::int64_t* const to_indices = indices.data<std::int64_t>();
    parallel_for(in.count, grain(in, out), [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t v = begin; v < end; ++v) {
        const T* const volume = from + v * in.size;
        std::int64_t o = v * out.size;
        for (const Window& wz : windows.z) {
          for (const Window& wy : windows.y) {
            for (const Window& wx : windows.x) {
              std::int64_t best = (wz.begin * in.height + wy.begin) * in.width + wx.begin;
              for (std::int64_t z = wz.begin; z < wz.end; z += step_z) {
                for (std::int64_t y = wy.begin; y < wy.end; y += step_y) {
                  const std::int64_t line = (z * in.height + y) * in.width;
                  for (std::int64_t x = wx.begin; x < wx.end; x += step_x) {
                    const T value = volume[line + x], maximum = volume[best];
                    bool wins = value > maximum;
                    if constexpr (std::is_floating_point_v<T>) wins |= std::isnan(value) && !std::isnan(maximum);
                    if (wins) best = line + x;
                  }
                }
              }
              to[o] = volume[best];
              to_indices[o++] = best;
            }
          }
        }
      }
    });
  });
}

}  // namespace ts::cpu
