// Max pooling of (N, C, H, W) and its backward pass. Threads split the planes (one channel of one image each).
//
// The maximum of a window is its first largest element, or its first NaN; padding is ignored. The index of a maximum is
// y * W + x in its plane. The maxima and indices of a whole row of outputs are kept side by side and updated with one
// kernel position after another, so that many windows advance at once (float has vector code for strides 1 and 2).
// float16 and bfloat16 are compared as float.
#include "cpu/simd_target.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/kernels/pooling/max_pool2d.cpp"
#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>

#include "cpu/vec_tail-inl.h"

#ifndef TS_CPU_POOL_KERNELS
#define TS_CPU_POOL_KERNELS
#include <cstdint>
#include <type_traits>

namespace ts::cpu {

template <class T>
struct PoolKernels {
  /// For each of n windows: replaces the maximum by from[i * step], which has the index `place` + i * step, if that is
  /// larger or the window's first element. A negative index means that there is none yet. Up to a vector beyond the
  /// last window may be read and written back unchanged.
  void (*take_in)(const T* from, std::int64_t step, std::int64_t n, std::int32_t place, T* maxima,
                  std::int32_t* places);
};

}  // namespace ts::cpu
#endif

HWY_BEFORE_NAMESPACE();
namespace ts::cpu {
namespace HWY_NAMESPACE {

// For any type and step.
template <class T>
void take_in_each(const T* HWY_RESTRICT from, int64_t step, int64_t n, int32_t place, T* HWY_RESTRICT maxima,
                  int32_t* HWY_RESTRICT places) {
  for (int64_t i = 0; i < n; ++i) {
    const T value = from[i * step], best = maxima[i];
    bool wins = (value > best) | (places[i] < 0);
    if constexpr (std::is_floating_point_v<T>) wins = wins | ((value != value) & (best == best));
    maxima[i] = wins ? value : best;
    places[i] = wins ? place + static_cast<int32_t>(i * step) : places[i];
  }
}

// The first `count` of from[0], from[kStep], ...; reads nothing beyond them.
template <int kStep>
HWY_INLINE Vec<float> load_stepped(const float* from, int64_t count) {
  constexpr int64_t L = kLanes<float>;
  const Vec<float> zero(0);
  const auto load = [&](int64_t i) HWY_ATTR {
    const int64_t left = kStep * (count - 1) + 1 - i;
    return left >= L ? Vec<float>::load(from + i) : left > 0 ? load_first(from + i, left, zero) : zero;
  };
#if HWY_TARGET != HWY_SCALAR
  if constexpr (kStep == 2) return Vec<float>(hn::ConcatEven(hn::ScalableTag<float>(), load(L).raw, load(0).raw));
#endif
  return load(0);
}

template <int kStep>
HWY_INLINE void take_in_vectors(const float* from, int64_t n, int32_t place, float* maxima, int32_t* places) {
  constexpr int64_t L = kLanes<float>;
  const hn::ScalableTag<float> d;
  const hn::RebindToSigned<decltype(d)> di;
  const auto steps = hn::Mul(hn::Iota(di, 0), hn::Set(di, kStep));
  for (int64_t i = 0; i < n; i += L) {
    const int64_t count = n - i < L ? n - i : L;
    const Vec<float> value = load_stepped<kStep>(from + i * kStep, count), best = Vec<float>::load(maxima + i);
    const auto old_place = hn::LoadU(di, places + i);
    const Mask<float> none(hn::RebindMask(d, hn::Lt(old_place, hn::Zero(di))));
    Mask<float> wins = value > best || none || (isnan(value) && !isnan(best));
    if (count < L) wins = wins && Mask<float>(hn::FirstN(d, static_cast<size_t>(count)));
    select(wins, value, best).store(maxima + i);
    const auto new_place = hn::Add(steps, hn::Set(di, place + static_cast<int32_t>(i * kStep)));
    hn::StoreU(hn::IfThenElse(hn::RebindMask(di, wins.raw), new_place, old_place), di, places + i);
  }
}

template <class T>
void take_in(const T* from, int64_t step, int64_t n, int32_t place, T* maxima, int32_t* places) {
  if constexpr (std::is_same_v<T, float>) {
    if (step == 1) return take_in_vectors<1>(from, n, place, maxima, places);
    if (step == 2) return take_in_vectors<2>(from, n, place, maxima, places);
  }
  take_in_each(from, step, n, place, maxima, places);
}

PoolKernels<float> float32_pool() { return {&take_in<float>}; }
PoolKernels<double> float64_pool() { return {&take_in<double>}; }
PoolKernels<uint8_t> uint8_pool() { return {&take_in<uint8_t>}; }
PoolKernels<int8_t> int8_pool() { return {&take_in<int8_t>}; }
PoolKernels<int16_t> int16_pool() { return {&take_in<int16_t>}; }
PoolKernels<int32_t> int32_pool() { return {&take_in<int32_t>}; }
PoolKernels<int64_t> int64_pool() { return {&take_in<int64_t>}; }

}  // namespace HWY_NAMESPACE
}  // namespace ts::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

#include <algorithm>
#include <cstring>

#include "backend/dispatch.h"
#include "cpu/convert.h"
#include "cpu/kernels/copy.h"
#include "cpu/thread_pool.h"
#include "cpu/workspace.h"
#include "generated/cpu/convolution_and_pooling.g.h"
#include "tensor/integer_math.h"

namespace ts::cpu {
namespace {

HWY_EXPORT(float32_pool);
HWY_EXPORT(float64_pool);
HWY_EXPORT(uint8_pool);
HWY_EXPORT(int8_pool);
HWY_EXPORT(int16_pool);
HWY_EXPORT(int32_pool);
HWY_EXPORT(int64_pool);

template <class C>
PoolKernels<C> kernels() {
  if constexpr (std::is_same_v<C, float>) return TS_SIMD_DISPATCH(float32_pool)();
  else if constexpr (std::is_same_v<C, double>) return TS_SIMD_DISPATCH(float64_pool)();
  else if constexpr (std::is_same_v<C, std::uint8_t>) return TS_SIMD_DISPATCH(uint8_pool)();
  else if constexpr (std::is_same_v<C, std::int8_t>) return TS_SIMD_DISPATCH(int8_pool)();
  else if constexpr (std::is_same_v<C, std::int16_t>) return TS_SIMD_DISPATCH(int16_pool)();
  else if constexpr (std::is_same_v<C, std::int32_t>) return TS_SIMD_DISPATCH(int32_pool)();
  else return TS_SIMD_DISPATCH(int64_pool)();
}

// Memory of one thread: a row of maxima and their indices, with kSlack elements beyond the end, and for the 16-bit
// types the converted image.
constexpr std::int64_t kSlack = 64;
template <class C>
struct Room {
  Room(std::int64_t width, std::int64_t image) {
    const std::int64_t row = width + kSlack;
    static Workspace values, numbers;
    maxima = static_cast<C*>(values.reserve(static_cast<std::size_t>(row + image) * sizeof(C)));
    pixels = maxima + row;
    places = static_cast<std::int32_t*>(numbers.reserve(static_cast<std::size_t>(row) * sizeof(std::int32_t)));
  }
  C* maxima;
  C* pixels;
  std::int32_t* places;
};


}  // namespace

void max_pool2d(const Tensor& output, const Tensor& indices, const Tensor& input, IntList kernel_size, IntList stride,
                IntList padding, IntList dilation, bool /*ceil_mode: in the output's shape*/) {
  const std::int64_t planes = input.size(0) * input.size(1), height = input.size(2), width = input.size(3);
  const std::int64_t out_height = output.size(2), out_width = output.size(3);
  TS_CHECK(height * width <= INT32_MAX, NotSupportedError, "an image of ", height, " x ", width,
           " pixels is too large; split it into parts of less than 2^31 pixels");
  const std::int64_t touched = (height * width + out_height * out_width * kernel_size[0] * kernel_size[1]) * 4;
  dispatch_all(input.dtype(), [&]<class T>() {
    using C = std::conditional_t<std::is_same_v<T, Half> || std::is_same_v<T, BFloat16>, float, T>;
    constexpr bool kConverts = !std::is_same_v<T, C>;
    const PoolKernels<C> kernel = kernels<C>();
    const Converter widen = converter(dtype_of<T>, dtype_of<C>);
    const T* const in = static_cast<const T*>(input.raw_data());
    T* const out = static_cast<T*>(output.raw_data());
    std::int64_t* const out_places = indices.data<std::int64_t>();
    const std::int64_t grain = std::max<std::int64_t>(1, kMinParallelBytes / std::max<std::int64_t>(1, touched));
    parallel_for(planes, grain, [&](std::int64_t begin, std::int64_t end) {
      const Room<C> room(out_width, kConverts ? height * width : 0);
      C* const maxima = room.maxima;
      std::int32_t* const places = room.places;
      for (std::int64_t plane = begin; plane < end; ++plane) {
        const T* const image = in + plane * height * width;
        const C* pixels;
        if constexpr (kConverts) {
          widen(image, room.pixels, height * width);
          pixels = room.pixels;
        } else {
          pixels = image;
        }
        for (std::int64_t oy = 0; oy < out_height; ++oy) {
          std::fill_n(maxima, out_width + kSlack, C(0));
          std::fill_n(places, out_width + kSlack, -1);
          for (std::int64_t ky = 0; ky < kernel_size[0]; ++ky) {
            const std::int64_t y = oy * stride[0] - padding[0] + ky * dilation[0];
            if (y < 0 || y >= height) continue;
            for (std::int64_t kx = 0; kx < kernel_size[1]; ++kx) {
              // For the windows [low, high), this kernel position lies inside the image.
              const std::int64_t dx = kx * dilation[1] - padding[1];
              const std::int64_t low = dx >= 0 ? 0 : ceil_div(-dx, stride[1]);
              const std::int64_t high = dx >= width ? 0 : std::min(out_width, ceil_div(width - dx, stride[1]));
              if (low >= high) continue;
              const std::int64_t place = y * width + low * stride[1] + dx;
              kernel.take_in(pixels + place, stride[1], high - low, static_cast<std::int32_t>(place), maxima + low,
                             places + low);
            }
          }
          const std::int64_t to = (plane * out_height + oy) * out_width;
          for (std::int64_t ox = 0; ox < out_width; ++ox) out_places[to + ox] = places[ox];
          if constexpr (kConverts) {
            for (std::int64_t ox = 0; ox < out_width; ++ox) out[to + ox] = image[places[ox]];
          } else {
            std::copy_n(maxima, out_width, out + to);
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

#endif  // HWY_ONCE
