// Layer normalization of the rows of a dense (rows, n) tensor, with the statistics of each row:
//
//   y_i = (x_i - mean) r w_i + b_i,   r = 1 / sqrt(variance + eps)
//
// Its gradients, with h = (x - mean) r and g = dy w. The derivation is that of batch_norm.cpp, with the weight inside
// the sums because it varies along a row:
//
//   dx = r (g - sum(g) / n - h sum(g h) / n)      dw = sum over rows of dy h      db = sum over rows of dy
//
// The last two are sums over columns. The rows are divided into blocks determined by the shape; a block adds up a few
// rows at a time in T and those sums in double, and the blocks are added up in order. So the result does not depend on
// the number of threads.
#include "cpu/simd_target.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/kernels/layer_norm.cpp"
#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>

#include "cpu/kernels/moments-inl.h"

#ifndef TS_CPU_LAYER_NORM_KERNELS
#define TS_CPU_LAYER_NORM_KERNELS
namespace ts::cpu {

// The functions of one instruction set for a row. T is float or double; w and b may be null.
template <class T>
struct LayerNormKernels {
  double (*sum)(const T* x, std::int64_t n);
  /// *first += sum (x - mean), *second += sum (x - mean)^2
  void (*moments)(const T* x, std::int64_t n, T mean, double* first, double* second);
  /// sum (x - mean)
  double (*deviations)(const T* x, std::int64_t n, T mean);
  /// y = (x - mean - rest) r w + b
  void (*apply)(const T* x, const T* w, const T* b, T* y, std::int64_t n, T mean, T rest, T r);
  /// sum dy w
  double (*weighted_sum)(const T* dy, const T* w, std::int64_t n);
  /// sum dy w (x - mean)
  double (*products)(const T* dy, const T* w, const T* x, std::int64_t n, T mean);
  /// dx = dy w r + (x - mean) slope + shift
  void (*gradient)(const T* dy, const T* w, const T* x, T* dx, std::int64_t n, T mean, T r, T slope, T shift);
  /// dw += dy (x - mean - rest) r, db += dy
  void (*accumulate)(const T* dy, const T* x, T* dw, T* db, std::int64_t n, T mean, T rest, T r);
};

}  // namespace ts::cpu
#endif

HWY_BEFORE_NAMESPACE();
namespace ts::cpu {
namespace HWY_NAMESPACE {

// Calls f(i, count) for each vector, where count is the number of its elements.
template <class T, class F>
HWY_INLINE void for_each_piece(int64_t n, F f) {
  for_each_vector<T>(
      n, [&](int64_t i) HWY_ATTR { f(i, kLanes<T>); }, [&](int64_t i, int64_t left) HWY_ATTR { f(i, left); });
}

template <class T>
HWY_INLINE void store_up_to(Vec<T> value, T* to, int64_t count) {
  if (count == kLanes<T>) value.store(to);
  else store_first(value, to, count);
}

template <class T>
HWY_INLINE Vec<T> weighted(const T* dy, const T* w, int64_t i, int64_t count) {
  const Vec<T> g = load_up_to(dy + i, count, Vec<T>(0));
  return w == nullptr ? g : g * load_up_to(w + i, count, Vec<T>(0));
}

template <class T>
void apply(const T* x, const T* w, const T* b, T* y, int64_t n, T mean, T rest, T r) {
  const Vec<T> m(mean), low(rest), scale(r), zero(0);
  for_each_piece<T>(n, [&](int64_t i, int64_t count) HWY_ATTR {
    Vec<T> h = (load_up_to(x + i, count, m) - m - low) * scale;
    if (w != nullptr) h = h * load_up_to(w + i, count, zero);
    if (b != nullptr) h = h + load_up_to(b + i, count, zero);
    store_up_to(h, y + i, count);
  });
}

template <class T>
double weighted_sum(const T* dy, const T* w, int64_t n) {
  return sum_terms<T>(n, [&](int64_t i, int64_t count) HWY_ATTR { return weighted(dy, w, i, count); });
}

template <class T>
double products(const T* dy, const T* w, const T* x, int64_t n, T mean) {
  const Vec<T> m(mean);
  return sum_terms<T>(n, [&](int64_t i, int64_t count) HWY_ATTR {
    return weighted(dy, w, i, count) * (load_up_to(x + i, count, m) - m);
  });
}

template <class T>
void gradient(const T* dy, const T* w, const T* x, T* dx, int64_t n, T mean, T r, T slope, T shift) {
  const Vec<T> m(mean), a(r), b(slope), c(shift);
  for_each_piece<T>(n, [&](int64_t i, int64_t count) HWY_ATTR {
    const Vec<T> line = mul_add(load_up_to(x + i, count, m) - m, b, c);
    store_up_to(mul_add(weighted(dy, w, i, count), a, line), dx + i, count);
  });
}

template <class T>
void accumulate(const T* dy, const T* x, T* dw, T* db, int64_t n, T mean, T rest, T r) {
  const Vec<T> m(mean), low(rest), a(r), zero(0);
  for_each_piece<T>(n, [&](int64_t i, int64_t count) HWY_ATTR {
    const Vec<T> g = load_up_to(dy + i, count, zero);
    const Vec<T> h = (load_up_to(x + i, count, m) - m - low) * a;
    store_up_to(mul_add(g, h, load_up_to(dw + i, count, zero)), dw + i, count);
    store_up_to(g + load_up_to(db + i, count, zero), db + i, count);
  });
}

template <class T>
LayerNormKernels<T> make_kernels() {
  return {&sum_of<T>,   &add_deviations<T>, &sum_of_deviations<T>, &apply<T>, &weighted_sum<T>,
          &products<T>, &gradient<T>,       &accumulate<T>};
}
LayerNormKernels<float> float_layer_norm() { return make_kernels<float>(); }
LayerNormKernels<double> double_layer_norm() { return make_kernels<double>(); }

}  // namespace HWY_NAMESPACE
}  // namespace ts::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

#include <algorithm>
#include <cmath>
#include <type_traits>

#include "backend/dispatch.h"
#include "cpu/thread_pool.h"
#include "generated/cpu/normalization.g.h"
#include "tensor/pool_vector.h"

namespace ts::cpu {
namespace {

HWY_EXPORT(float_layer_norm);
HWY_EXPORT(double_layer_norm);

template <class T>
LayerNormKernels<T> kernels() {
  if constexpr (std::is_same_v<T, float>) return TS_SIMD_DISPATCH(float_layer_norm)();
  else return TS_SIMD_DISPATCH(double_layer_norm)();
}

template <class T>
const T* data_or_null(const Tensor& tensor) {
  return tensor.defined() ? tensor.data<T>() : nullptr;
}

std::int64_t grain(std::int64_t n) {
  return std::max<std::int64_t>(1, kMinParallelBytes / std::max<std::int64_t>(1, 12 * n));
}

// At most this many blocks of rows have sums of their own, and this many rows are added up in T.
constexpr std::int64_t kMaxBlocks = 64, kMinBlockRows = 32, kRowsPerSum = 32;

}  // namespace

void layer_norm_rows(const Tensor& output, const Tensor& mean, const Tensor& inverse_std, const Tensor& input,
                     const Tensor& weight, const Tensor& bias, double eps) {
  const std::int64_t rows = input.size(0), n = input.size(1);
  const double count = static_cast<double>(std::max<std::int64_t>(1, n));
  dispatch_float_double(input.dtype(), [&]<class T>() {
    const LayerNormKernels<T> kernel = kernels<T>();
    const T *const x = input.data<T>(), *const w = data_or_null<T>(weight), *const b = data_or_null<T>(bias);
    T *const y = output.data<T>(), *const means = mean.data<T>(), *const scales = inverse_std.data<T>();
    parallel_for(rows, grain(n), [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin; i < end; ++i) {
        const T* const row = x + i * n;
        // The rounding error of the mean is found from the deviations: if the elements are close together and far from
        // zero, that error is as large as the deviations themselves.
        const T m = static_cast<T>(kernel.sum(row, n) / count);
        double first = 0, second = 0;
        kernel.moments(row, n, m, &first, &second);
        const double rest = first / count;
        const double variance = std::max(0.0, second / count - rest * rest);
        means[i] = static_cast<T>(static_cast<double>(m) + rest);
        scales[i] = static_cast<T>(1 / std::sqrt(variance + eps));
        kernel.apply(row, w, b, y + i * n, n, m, static_cast<T>(rest), scales[i]);
      }
    });
  });
}

void layer_norm_backward(const Tensor& grad_input, const Tensor& grad_weight, const Tensor& grad_bias,
                         const Tensor& grad_output, const Tensor& input, const Tensor& mean, const Tensor& inverse_std,
                         const Tensor& weight) {
  const std::int64_t rows = input.size(0), n = input.size(1);
  const double count = static_cast<double>(std::max<std::int64_t>(1, n));
  const std::int64_t block_rows = std::max(kMinBlockRows, (rows + kMaxBlocks - 1) / kMaxBlocks);
  const std::int64_t blocks = (rows + block_rows - 1) / block_rows;
  dispatch_float_double(input.dtype(), [&]<class T>() {
    const LayerNormKernels<T> kernel = kernels<T>();
    const T *const dy = grad_output.data<T>(), *const x = input.data<T>(), *const w = data_or_null<T>(weight);
    const T *const means = mean.data<T>(), *const scales = inverse_std.data<T>();
    T* const dx = grad_input.data<T>();
    // For each block, the sums of dw are followed by those of db.
    PoolVector<double> sums(static_cast<std::size_t>(2 * blocks * n));
    parallel_for(blocks, std::max<std::int64_t>(1, grain(n) / block_rows), [&](std::int64_t begin, std::int64_t end) {
      PoolVector<T> few(static_cast<std::size_t>(2 * n));
      for (std::int64_t block = begin; block < end; ++block) {
        double* const total = sums.data() + 2 * block * n;
        const std::int64_t last = std::min(rows, (block + 1) * block_rows);
        for (std::int64_t first = block * block_rows; first < last; first += kRowsPerSum) {
          std::fill(few.begin(), few.end(), T(0));
          for (std::int64_t i = first; i < std::min(last, first + kRowsPerSum); ++i) {
            const T *const g = dy + i * n, *const row = x + i * n;
            const double r = static_cast<double>(scales[i]);
            // The stored mean is rounded; see layer_norm_rows.
            const double rest = kernel.deviations(row, n, means[i]) / count;
            const double sum = kernel.weighted_sum(g, w, n);
            const double product = kernel.products(g, w, row, n, means[i]) - rest * sum;
            const double slope = -r * r * r * product / count;
            kernel.gradient(g, w, row, dx + i * n, n, means[i], scales[i], static_cast<T>(slope),
                            static_cast<T>(-r * sum / count - slope * rest));
            kernel.accumulate(g, row, few.data(), few.data() + n, n, means[i], static_cast<T>(rest), scales[i]);
          }
          for (std::int64_t j = 0; j < 2 * n; ++j) total[j] += static_cast<double>(few[static_cast<std::size_t>(j)]);
        }
      }
    });
    T *const dw = grad_weight.data<T>(), *const db = grad_bias.data<T>();
    parallel_for(n, std::max<std::int64_t>(1, kMinParallelBytes / std::max<std::int64_t>(1, 16 * blocks)),
                 [&](std::int64_t begin, std::int64_t end) {
                   for (std::int64_t j = begin; j < end; ++j) {
                     double weight_sum = 0, bias_sum = 0;
                     for (std::int64_t block = 0; block < blocks; ++block) {
                       weight_sum += sums[static_cast<std::size_t>(2 * block * n + j)];
                       bias_sum += sums[static_cast<std::size_t>((2 * block + 1) * n + j)];
                     }
                     dw[j] = static_cast<T>(weight_sum);
                     db[j] = static_cast<T>(bias_sum);
                   }
                 });
  });
}

}  // namespace ts::cpu

#endif  // HWY_ONCE
