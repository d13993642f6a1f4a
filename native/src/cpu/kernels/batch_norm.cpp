// Batch normalization of dense (N, C, S): for each channel, with statistics over its N * S elements,
//
//   y = (x - mean) r w + b,   r = 1 / sqrt(variance + eps)
//
// Its gradients, with h = (x - mean) r and sums over the channel's M = N S elements:
//
//   db = sum dy      dw = sum dy h
//   dx = w r (dy - sum(dy) / M - h sum(dy h) / M)     mean and variance depend on x
//   dx = w r dy                                       they are constants (evaluation)
//
// Derivation of the first dx: with g = w dy, y depends on x directly (g r), through the mean (-r sum(g) / M) and
// through the variance, where dvariance/dx_i = 2 (x_i - mean) / M and dr/dvariance = -r^3 / 2 give -h r sum(g h) / M.
//
// The mean is subtracted before anything else, so nothing cancels when it is large compared with the deviation. It is kept
// as two numbers, m and the rest that rounding m left out, because the rest can be as large as the deviations; what it
// contributes is the same for a whole channel and so becomes part of the shift. Threads share the channels; a channel is
// read from memory once if it fits in the cache. If S = 1, neighbouring channels are processed side by side, each in
// double.
#include "cpu/simd_target.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/kernels/batch_norm.cpp"
#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>

#include "cpu/kernels/moments-inl.h"

#ifndef TS_CPU_BATCH_NORM_KERNELS
#define TS_CPU_BATCH_NORM_KERNELS
namespace ts::cpu {

// The functions of one instruction set for n neighbouring elements of one channel. T is float or double.
template <class T>
struct BatchNormKernels {
  double (*sum)(const T* x, std::int64_t n);
  /// *first += sum (x - mean), *second += sum (x - mean)^2
  void (*deviations)(const T* x, std::int64_t n, T mean, double* first, double* second);
  /// y = (x - mean) * scale + shift
  void (*apply)(const T* x, T* y, std::int64_t n, T mean, T scale, T shift);
  /// sum dy (x - mean)
  double (*products)(const T* dy, const T* x, std::int64_t n, T mean);
  /// dx = dy * scale + (x - mean) * slope + shift
  void (*gradient)(const T* dy, const T* x, T* dx, std::int64_t n, T mean, T scale, T slope, T shift);
};

}  // namespace ts::cpu
#endif

HWY_BEFORE_NAMESPACE();
namespace ts::cpu {
namespace HWY_NAMESPACE {

template <class T>
void apply(const T* x, T* y, int64_t n, T mean, T scale, T shift) {
  const Vec<T> m(mean), a(scale), b(shift);
  for_each_vector<T>(
      n, [&](int64_t i) HWY_ATTR { mul_add(Vec<T>::load(x + i) - m, a, b).store(y + i); },
      [&](int64_t i, int64_t left)
          HWY_ATTR { store_first(mul_add(load_first(x + i, left, m) - m, a, b), y + i, left); });
}

template <class T>
double products(const T* dy, const T* x, int64_t n, T mean) {
  const Vec<T> m(mean), zero(0);
  return sum_terms<T>(n, [&](int64_t i, int64_t count) HWY_ATTR {
    return load_up_to(dy + i, count, zero) * (load_up_to(x + i, count, m) - m);
  });
}

template <class T>
void gradient(const T* dy, const T* x, T* dx, int64_t n, T mean, T scale, T slope, T shift) {
  const Vec<T> m(mean), a(scale), b(slope), c(shift);
  const auto formula = [&](Vec<T> g, Vec<T> v) HWY_ATTR { return mul_add(g, a, mul_add(v - m, b, c)); };
  for_each_vector<T>(
      n, [&](int64_t i) HWY_ATTR { formula(Vec<T>::load(dy + i), Vec<T>::load(x + i)).store(dx + i); },
      [&](int64_t i, int64_t left) HWY_ATTR {
        store_first(formula(load_first(dy + i, left, m), load_first(x + i, left, m)), dx + i, left);
      });
}

BatchNormKernels<float> float_batch_norm() {
  return {&sum_of<float>, &add_deviations<float>, &apply<float>, &products<float>, &gradient<float>};
}
BatchNormKernels<double> double_batch_norm() {
  return {&sum_of<double>, &add_deviations<double>, &apply<double>, &products<double>, &gradient<double>};
}

}  // namespace HWY_NAMESPACE
}  // namespace ts::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

#include <algorithm>
#include <cmath>
#include <type_traits>

#include "backend/dispatch.h"
#include "cpu/kernels/copy.h"
#include "cpu/thread_pool.h"
#include "generated/cpu/normalization.g.h"

namespace ts::cpu {
namespace {

HWY_EXPORT(float_batch_norm);
HWY_EXPORT(double_batch_norm);

template <class T>
BatchNormKernels<T> kernels() {
  if constexpr (std::is_same_v<T, float>) return TS_SIMD_DISPATCH(float_batch_norm)();
  else return TS_SIMD_DISPATCH(double_batch_norm)();
}

// Number of neighbouring channels that are processed side by side if S = 1.
constexpr std::int64_t kTile = 64;

template <class T>
T entry(const Tensor& tensor, std::int64_t i, T otherwise) {
  return tensor.defined() ? tensor.data<T>()[i] : otherwise;
}

struct Shape {
  explicit Shape(const Tensor& input)
      : batch(input.size(0)), channels(input.size(1)), inner(input.size(2)), count(batch * inner) {}

  /// Calls fn(begin, end) with ranges of channels: at most kTile of them if S = 1, else of any length.
  template <class Fn>
  void for_channels(Fn&& fn) const {
    const std::int64_t step = inner == 1 ? kTile : 1;
    const std::int64_t bytes = std::max<std::int64_t>(1, 3 * count * step * 4);
    parallel_for((channels + step - 1) / step, std::max<std::int64_t>(1, kMinParallelBytes / bytes),
                 [&](std::int64_t begin, std::int64_t end) {
                   for (std::int64_t i = begin; i < end; ++i) fn(i * step, std::min(channels, (i + 1) * step));
                 });
  }
  /// Calls fn(where) with the start of the channel's section in each sample.
  template <class Fn>
  void for_samples(std::int64_t channel, Fn&& fn) const {
    if (inner == 0) return;  // However many samples there are.
    for (std::int64_t n = 0; n < batch; ++n) fn((n * channels + channel) * inner);
  }

  std::int64_t batch, channels, inner, count;
};

}  // namespace

void batch_norm_train(const Tensor& output, const Tensor& mean, const Tensor& rest, const Tensor& variance,
                      const Tensor& inverse_std, const Tensor& input, const Tensor& weight, const Tensor& bias,
                      double eps) {
  const Shape shape(input);
  const double count = static_cast<double>(std::max<std::int64_t>(1, shape.count));
  dispatch_float_double(input.dtype(), [&]<class T>() {
    const BatchNormKernels<T> kernel = kernels<T>();
    const T* const x = input.data<T>();
    T* const y = output.data<T>();
    // y = (x - mean) scale + shift
    struct Line {
      T mean, scale, shift;
    };
    const auto finish = [&](std::int64_t c, double center, double var) {
      const T m = static_cast<T>(center), scale = static_cast<T>(1 / std::sqrt(var + eps));
      const double left_out = std::isfinite(center) ? center - static_cast<double>(m) : 0;
      mean.data<T>()[c] = m;
      rest.data<T>()[c] = static_cast<T>(left_out);
      variance.data<T>()[c] = static_cast<T>(var);
      inverse_std.data<T>()[c] = scale;
      const T factor = scale * entry<T>(weight, c, T(1));
      const double shift = static_cast<double>(entry<T>(bias, c, T(0))) - left_out * static_cast<double>(factor);
      return Line{m, factor, static_cast<T>(shift)};
    };
    shape.for_channels([&](std::int64_t begin, std::int64_t end) {
      if (shape.inner == 1) {
        const std::int64_t width = end - begin;
        double center[kTile] = {}, square[kTile] = {};
        for (std::int64_t n = 0; n < shape.batch; ++n) {
          const T* const row = x + n * shape.channels + begin;
          for (std::int64_t c = 0; c < width; ++c) center[c] += static_cast<double>(row[c]);
        }
        for (std::int64_t c = 0; c < width; ++c) center[c] /= count;
        for (std::int64_t n = 0; n < shape.batch; ++n) {
          const T* const row = x + n * shape.channels + begin;
          for (std::int64_t c = 0; c < width; ++c) {
            const double d = static_cast<double>(row[c]) - center[c];
            square[c] += d * d;
          }
        }
        T m[kTile], scale[kTile], shift[kTile];
        for (std::int64_t c = 0; c < width; ++c) {
          const Line line = finish(begin + c, center[c], square[c] / count);
          m[c] = line.mean;
          scale[c] = line.scale;
          shift[c] = line.shift;
        }
        for (std::int64_t n = 0; n < shape.batch; ++n) {
          const std::int64_t at = n * shape.channels + begin;
          for (std::int64_t c = 0; c < width; ++c) y[at + c] = (x[at + c] - m[c]) * scale[c] + shift[c];
        }
        return;
      }
      for (std::int64_t c = begin; c < end; ++c) {
        double total = 0, first = 0, second = 0;
        shape.for_samples(c, [&](std::int64_t at) { total += kernel.sum(x + at, shape.inner); });
        const T m = static_cast<T>(total / count);
        shape.for_samples(c, [&](std::int64_t at) { kernel.deviations(x + at, shape.inner, m, &first, &second); });
        // m is close to the mean but not equal to it: the deviations say how far it is off.
        const double off = first / count;
        const double var = second / count - off * off;
        const Line line = finish(c, static_cast<double>(m) + off, var < 0 ? 0 : var);
        shape.for_samples(c, [&](std::int64_t at) {
          kernel.apply(x + at, y + at, shape.inner, line.mean, line.scale, line.shift);
        });
      }
    });
  });
}

void batch_norm_apply(const Tensor& result, const Tensor& input, const Tensor& mean, const Tensor& inverse_std,
                      const Tensor& weight, const Tensor& bias) {
  const Shape shape(input);
  dispatch_float_double(input.dtype(), [&]<class T>() {
    const BatchNormKernels<T> kernel = kernels<T>();
    const T *const x = input.data<T>(), *const m = mean.data<T>(), *const r = inverse_std.data<T>();
    T* const y = result.data<T>();
    shape.for_channels([&](std::int64_t begin, std::int64_t end) {
      if (shape.inner == 1) {
        T scale[kTile], shift[kTile];
        for (std::int64_t c = begin; c < end; ++c) {
          scale[c - begin] = r[c] * entry<T>(weight, c, T(1));
          shift[c - begin] = entry<T>(bias, c, T(0));
        }
        for (std::int64_t n = 0; n < shape.batch; ++n) {
          const std::int64_t at = n * shape.channels;
          for (std::int64_t c = begin; c < end; ++c) {
            y[at + c] = (x[at + c] - m[c]) * scale[c - begin] + shift[c - begin];
          }
        }
        return;
      }
      for (std::int64_t c = begin; c < end; ++c) {
        const T scale = r[c] * entry<T>(weight, c, T(1)), shift = entry<T>(bias, c, T(0));
        shape.for_samples(c, [&](std::int64_t at) { kernel.apply(x + at, y + at, shape.inner, m[c], scale, shift); });
      }
    });
  });
}

void batch_norm_backward(const Tensor& grad_input, const Tensor& grad_weight, const Tensor& grad_bias,
                         const Tensor& grad_output, const Tensor& input, const Tensor& mean, const Tensor& rest,
                         const Tensor& inverse_std, const Tensor& weight, bool training) {
  const Shape shape(input);
  const double count = static_cast<double>(std::max<std::int64_t>(1, shape.count));
  dispatch_float_double(input.dtype(), [&]<class T>() {
    const BatchNormKernels<T> kernel = kernels<T>();
    const T *const dy = grad_output.data<T>(), *const x = input.data<T>();
    const T *const m = mean.data<T>(), *const r = inverse_std.data<T>();
    T *const dx = grad_input.data<T>(), *const dw = grad_weight.data<T>(), *const db = grad_bias.data<T>();
    // dx = dy scale + (x - mean) slope + shift
    struct Line {
      T scale, slope, shift;
    };
    const auto line = [&](std::int64_t c, double sum, double product) {
      const double rc = static_cast<double>(r[c]), left_out = static_cast<double>(entry<T>(rest, c, T(0)));
      product -= left_out * sum;
      const double scale = rc * static_cast<double>(entry<T>(weight, c, T(1)));
      db[c] = static_cast<T>(sum);
      dw[c] = static_cast<T>(product * rc);
      if (!training) return Line{static_cast<T>(scale), T(0), T(0)};
      const double slope = -scale * rc * rc * product / count;
      return Line{static_cast<T>(scale), static_cast<T>(slope), static_cast<T>(-scale * sum / count - slope * left_out)};
    };
    shape.for_channels([&](std::int64_t begin, std::int64_t end) {
      if (shape.inner == 1) {
        const std::int64_t width = end - begin;
        double sum[kTile] = {}, product[kTile] = {};
        for (std::int64_t n = 0; n < shape.batch; ++n) {
          const std::int64_t at = n * shape.channels + begin;
          for (std::int64_t c = 0; c < width; ++c) {
            const double g = static_cast<double>(dy[at + c]);
            sum[c] += g;
            product[c] += g * static_cast<double>(x[at + c] - m[begin + c]);
          }
        }
        T scale[kTile], slope[kTile], shift[kTile];
        for (std::int64_t c = 0; c < width; ++c) {
          const Line l = line(begin + c, sum[c], product[c]);
          scale[c] = l.scale;
          slope[c] = l.slope;
          shift[c] = l.shift;
        }
        for (std::int64_t n = 0; n < shape.batch; ++n) {
          const std::int64_t at = n * shape.channels + begin;
          for (std::int64_t c = 0; c < width; ++c) {
            dx[at + c] = dy[at + c] * scale[c] + ((x[at + c] - m[begin + c]) * slope[c] + shift[c]);
          }
        }
        return;
      }
      for (std::int64_t c = begin; c < end; ++c) {
        double sum = 0, product = 0;
        shape.for_samples(c, [&](std::int64_t at) {
          sum += kernel.sum(dy + at, shape.inner);
          product += kernel.products(dy + at, x + at, shape.inner, m[c]);
        });
        const Line l = line(c, sum, product);
        shape.for_samples(c, [&](std::int64_t at) {
          kernel.gradient(dy + at, x + at, dx + at, shape.inner, m[c], l.scale, l.slope, l.shift);
        });
      }
    });
  });
}

}  // namespace ts::cpu

#endif  // HWY_ONCE
