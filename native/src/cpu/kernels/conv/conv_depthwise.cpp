// Depthwise convolutions are computed plane by plane. Each plane is first copied into a zero-padded buffer that stays
// in L1 or L2; then every kernel tap reads whole vectors at a fixed offset, without testing for the border.
//
//   forward   y[o] = sum_t w[t] p[o stride + t dilation]                   p: x with its padding
//   weight    dw[t] = sum_o dy[o] p[o stride + t dilation]
//   input     dx[i] = sum_t w[t] q[i + padding - t dilation]               q: dy, spread by stride, zero-padded
//
// With the kernel rotated by 180 degrees, the last is a forward pass with stride 1.
#include "cpu/simd_target.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/kernels/conv/conv_depthwise.cpp"
#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>

#include "cpu/vec_tail-inl.h"

#ifndef TS_CPU_CONV_DEPTHWISE_KERNELS
#define TS_CPU_CONV_DEPTHWISE_KERNELS
namespace ts::cpu {

// Reads the rows of a padded plane that one row of outputs needs: tap t of output column x is from[offsets[t] + x *
// step]. Up to a vector beyond the last column may be read.
template <class T>
struct DepthwiseKernels {
  /// to[x] = bias + sum_t weights[t] from[...]
  void (*row)(const T* from, const std::int64_t* offsets, const T* weights, std::int64_t taps, std::int64_t step,
              T bias, T* to, std::int64_t width);
  /// sums[t] += sum_x grad[x] from[...]
  void (*dots)(const T* from, const std::int64_t* offsets, std::int64_t taps, std::int64_t step, const T* grad,
               std::int64_t width, T* sums);
  /// Number of elements that may be read beyond the last one.
  std::int64_t slack;
};

}  // namespace ts::cpu
#endif

HWY_BEFORE_NAMESPACE();
namespace ts::cpu {
namespace HWY_NAMESPACE {

// from[0], from[step], ... for the step kStep, or for any step if kStep is 0. With step 2, twice the needed range
// is read.
template <int kStep, class T>
HWY_INLINE Vec<T> load_stepped(const T* from, int64_t step) {
  if constexpr (kStep == 1) return Vec<T>::load(from);
#if HWY_TARGET != HWY_SCALAR
  if constexpr (kStep == 2) {
    const hn::ScalableTag<T> d;
    return Vec<T>(hn::ConcatEven(d, hn::LoadU(d, from + kLanes<T>), hn::LoadU(d, from)));
  }
#endif
  HWY_ALIGN T lanes[Vec<T>::kLanes];
  for (int64_t i = 0; i < kLanes<T>; ++i) lanes[i] = from[i * step];
  return Vec<T>::load(lanes);
}

// The sums of kVectors vectors of output columns, side by side to hide the latency of the multiply-add.
template <int kStep, int kVectors, class T>
HWY_INLINE void row_sums(const T* from, const int64_t* offsets, const T* weights, int64_t taps, int64_t step, T bias,
                         Vec<T>* sums) {
  for (int v = 0; v < kVectors; ++v) sums[v] = Vec<T>(bias);
  for (int64_t t = 0; t < taps; ++t) {
    const Vec<T> weight(weights[t]);
    const T* p = from + offsets[t];
    for (int v = 0; v < kVectors; ++v) {
      sums[v] = mul_add(weight, load_stepped<kStep>(p + v * kLanes<T> * step, step), sums[v]);
    }
  }
}

template <int kStep, class T>
void stepped_row(const T* from, const int64_t* offsets, const T* weights, int64_t taps, int64_t step, T bias, T* to,
                 int64_t width) {
  constexpr int64_t L = kLanes<T>;
  int64_t x = 0;
  Vec<T> sums[4];
  for (; x + 4 * L <= width; x += 4 * L) {
    row_sums<kStep, 4>(from + x * step, offsets, weights, taps, step, bias, sums);
    for (int v = 0; v < 4; ++v) sums[v].store(to + x + v * L);
  }
  for (; x + 2 * L <= width; x += 2 * L) {
    row_sums<kStep, 2>(from + x * step, offsets, weights, taps, step, bias, sums);
    for (int v = 0; v < 2; ++v) sums[v].store(to + x + v * L);
  }
  for (; x < width; x += L) {
    row_sums<kStep, 1>(from + x * step, offsets, weights, taps, step, bias, sums);
    if (x + L <= width) {
      sums[0].store(to + x);
    } else {
      store_first(sums[0], to + x, width - x);
    }
  }
}

template <class T>
void depthwise_row(const T* from, const int64_t* offsets, const T* weights, int64_t taps, int64_t step, T bias, T* to,
                   int64_t width) {
  if (step == 1) return stepped_row<1>(from, offsets, weights, taps, step, bias, to, width);
  if (step == 2) return stepped_row<2>(from, offsets, weights, taps, step, bias, to, width);
  stepped_row<0>(from, offsets, weights, taps, step, bias, to, width);
}

template <int kStep, class T>
void stepped_dots(const T* from, const int64_t* offsets, int64_t taps, int64_t step, const T* grad, int64_t width,
                  T* sums) {
  constexpr int64_t L = kLanes<T>;
  const int64_t whole = width - width % L;
  const Vec<T> last = whole < width ? load_first(grad + whole, width - whole, Vec<T>(0)) : Vec<T>(0);
  for (int64_t t = 0; t < taps; ++t) {
    const T* p = from + offsets[t];
    Vec<T> sum(0);
    for (int64_t x = 0; x < whole; x += L) {
      sum = mul_add(Vec<T>::load(grad + x), load_stepped<kStep>(p + x * step, step), sum);
    }
    if (whole < width) {
      // Beyond the last column is the next row of the image; its elements must not count, even if they are NaN.
      const Vec<T> rest = keep_first(load_stepped<kStep>(p + whole * step, step), width - whole, Vec<T>(0));
      sum = mul_add(last, rest, sum);
    }
    sums[t] += sum_of_lanes(sum);
  }
}

template <class T>
void depthwise_dots(const T* from, const int64_t* offsets, int64_t taps, int64_t step, const T* grad, int64_t width,
                    T* sums) {
  if (step == 1) return stepped_dots<1>(from, offsets, taps, step, grad, width, sums);
  if (step == 2) return stepped_dots<2>(from, offsets, taps, step, grad, width, sums);
  stepped_dots<0>(from, offsets, taps, step, grad, width, sums);
}

template <class T>
DepthwiseKernels<T> make_depthwise() {
  return {&depthwise_row<T>, &depthwise_dots<T>, kLanes<T>};
}
DepthwiseKernels<float> float_depthwise() { return make_depthwise<float>(); }
DepthwiseKernels<double> double_depthwise() { return make_depthwise<double>(); }

}  // namespace HWY_NAMESPACE
}  // namespace ts::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

#include <algorithm>
#include <type_traits>

#include "cpu/kernels/conv/conv_depthwise.h"
#include "cpu/thread_pool.h"
#include "cpu/workspace.h"

namespace ts::cpu {
namespace {

HWY_EXPORT(float_depthwise);
HWY_EXPORT(double_depthwise);

template <class T>
DepthwiseKernels<T> kernels() {
  if constexpr (std::is_same_v<T, float>) {
    return TS_SIMD_DISPATCH(float_depthwise)();
  } else {
    return TS_SIMD_DISPATCH(double_depthwise)();
  }
}

template <class T>
T* scratch(std::int64_t count) {
  static Workspace workspace;
  return static_cast<T*>(workspace.reserve(static_cast<std::size_t>(count) * sizeof(T)));
}

// A plane in a zero-padded buffer of height x width: element (y, x) of the source is at (top + y spread_y, left + x
// spread_x). Elements that fall outside are dropped, since top and left may be negative.
struct Canvas {
  std::int64_t height, width, top, left, spread_y, spread_x;

  template <class T>
  void draw(const T* source, std::int64_t source_height, std::int64_t source_width, std::int64_t slack, T* to) const {
    std::fill_n(to, height * width + slack, T(0));
    const auto first = [](std::int64_t start, std::int64_t spread) {
      return start >= 0 ? 0 : (-start + spread - 1) / spread;
    };
    const auto end = [](std::int64_t start, std::int64_t spread, std::int64_t room, std::int64_t size) {
      return start >= room ? 0 : std::min(size, (room - start + spread - 1) / spread);
    };
    const std::int64_t first_x = first(left, spread_x), end_x = end(left, spread_x, width, source_width);
    const std::int64_t end_y = end(top, spread_y, height, source_height);
    for (std::int64_t y = first(top, spread_y); y < end_y; ++y) {
      T* const row = to + (top + y * spread_y) * width + left;
      const T* const from = source + y * source_width;
      if (spread_x == 1) {
        if (first_x < end_x) std::copy(from + first_x, from + end_x, row + first_x);
      } else {
        for (std::int64_t x = first_x; x < end_x; ++x) row[x * spread_x] = from[x];
      }
    }
  }
};

// The padded input, for the convolution's own stride and taps.
Canvas padded_input(const ConvGeometry& g) {
  return {(g.out_height - 1) * g.stride_y + (g.kernel_height - 1) * g.dilation_y + 1,
          (g.out_width - 1) * g.stride_x + (g.kernel_width - 1) * g.dilation_x + 1,
          g.padding_y,
          g.padding_x,
          1,
          1};
}

// The gradient of the output, for a forward pass over the input positions with the rotated kernel.
Canvas spread_gradient(const ConvGeometry& g) {
  const std::int64_t reach_y = (g.kernel_height - 1) * g.dilation_y, reach_x = (g.kernel_width - 1) * g.dilation_x;
  return {g.height + reach_y, g.width + reach_x, reach_y - g.padding_y, reach_x - g.padding_x, g.stride_y, g.stride_x};
}

std::int64_t grain(const ConvGeometry& g) {
  return std::max<std::int64_t>(1, kMinParallelFlops / 2 / std::max<std::int64_t>(1, g.out_plane() * g.taps()));
}

void tap_offsets(const ConvGeometry& g, std::int64_t canvas_width, std::int64_t* offsets) {
  for (std::int64_t y = 0; y < g.kernel_height; ++y) {
    for (std::int64_t x = 0; x < g.kernel_width; ++x) *offsets++ = y * g.dilation_y * canvas_width + x * g.dilation_x;
  }
}

// Scratch memory for a canvas, the offsets of the taps in it, and one number per tap.
template <class T>
struct Room {
  Room(const ConvGeometry& g, const Canvas& canvas, std::int64_t slack) {
    static_assert(sizeof(T) <= sizeof(std::int64_t));
    offsets = scratch<std::int64_t>(g.taps() * 2 + canvas.height * canvas.width + slack);
    per_tap = reinterpret_cast<T*>(offsets + g.taps());
    pixels = reinterpret_cast<T*>(offsets + 2 * g.taps());
    tap_offsets(g, canvas.width, offsets);
  }
  std::int64_t* offsets;
  T* per_tap;
  T* pixels;
};

}  // namespace

template <class T>
void depthwise_forward(const ConvGeometry& g, const T* x, const T* w, const T* bias, T* y) {
  const DepthwiseKernels<T> kernel = kernels<T>();
  const Canvas canvas = padded_input(g);
  const std::int64_t slack = kernel.slack * g.stride_x * 2;
  parallel_for(g.images * g.channels, grain(g), [&](std::int64_t begin, std::int64_t end) {
    const Room<T> room(g, canvas, slack);
    for (std::int64_t i = begin; i < end; ++i) {
      const std::int64_t c = i % g.channels;
      canvas.draw(x + i * g.plane(), g.height, g.width, slack, room.pixels);
      for (std::int64_t row = 0; row < g.out_height; ++row) {
        kernel.row(room.pixels + row * g.stride_y * canvas.width, room.offsets, w + c * g.taps(), g.taps(), g.stride_x,
                   bias == nullptr ? T(0) : bias[c], y + i * g.out_plane() + row * g.out_width, g.out_width);
      }
    }
  });
}

template <class T>
void depthwise_input(const ConvGeometry& g, const T* w, const T* dy, T* dx) {
  const DepthwiseKernels<T> kernel = kernels<T>();
  const Canvas canvas = spread_gradient(g);
  const std::int64_t slack = kernel.slack * 2;
  parallel_for(g.images * g.channels, grain(g), [&](std::int64_t begin, std::int64_t end) {
    const Room<T> room(g, canvas, slack);
    for (std::int64_t i = begin; i < end; ++i) {
      const T* const weight = w + i % g.channels * g.taps();
      std::reverse_copy(weight, weight + g.taps(), room.per_tap);
      canvas.draw(dy + i * g.out_plane(), g.out_height, g.out_width, slack, room.pixels);
      for (std::int64_t row = 0; row < g.height; ++row) {
        kernel.row(room.pixels + row * canvas.width, room.offsets, room.per_tap, g.taps(), 1, T(0),
                   dx + i * g.plane() + row * g.width, g.width);
      }
    }
  });
}

// Each channel's filter gradient is computed by one thread, which goes through the images in order and sums each
// plane separately before adding it to the total. So the result does not depend on the number of threads, and long
// sums stay accurate.
template <class T>
void depthwise_weight(const ConvGeometry& g, const T* x, const T* dy, T* dw) {
  const DepthwiseKernels<T> kernel = kernels<T>();
  const Canvas canvas = padded_input(g);
  const std::int64_t slack = kernel.slack * g.stride_x * 2;
  parallel_for(g.channels, std::max<std::int64_t>(1, grain(g) / g.images), [&](std::int64_t begin, std::int64_t end) {
    const Room<T> room(g, canvas, slack);
    for (std::int64_t c = begin; c < end; ++c) {
      T* const sums = dw + c * g.taps();
      std::fill_n(sums, g.taps(), T(0));
      for (std::int64_t n = 0; n < g.images; ++n) {
        const std::int64_t i = n * g.channels + c;
        canvas.draw(x + i * g.plane(), g.height, g.width, slack, room.pixels);
        std::fill_n(room.per_tap, g.taps(), T(0));
        for (std::int64_t row = 0; row < g.out_height; ++row) {
          kernel.dots(room.pixels + row * g.stride_y * canvas.width, room.offsets, g.taps(), g.stride_x,
                      dy + i * g.out_plane() + row * g.out_width, g.out_width, room.per_tap);
        }
        for (std::int64_t t = 0; t < g.taps(); ++t) sums[t] += room.per_tap[t];
      }
    }
  });
}

#define TS_INSTANTIATE_DEPTHWISE(T)                                                          \
  template void depthwise_forward<T>(const ConvGeometry&, const T*, const T*, const T*, T*); \
  template void depthwise_input<T>(const ConvGeometry&, const T*, const T*, T*);             \
  template void depthwise_weight<T>(const ConvGeometry&, const T*, const T*, T*);
TS_INSTANTIATE_DEPTHWISE(float)
TS_INSTANTIATE_DEPTHWISE(double)
#undef TS_INSTANTIATE_DEPTHWISE

}  // namespace ts::cpu

#endif  // HWY_ONCE
