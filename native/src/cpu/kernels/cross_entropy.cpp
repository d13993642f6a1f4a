// Mean cross entropy of logits x (N, C) against classes t (N), and its backward pass. With the log-normalizer
// L_i = log(sum_j exp(x_ij)), and over the `counted` rows whose class is not ignore_index,
//
//   loss = 1/counted sum_i (L_i - x_i,t_i)
//   dloss / dx_ij = (exp(x_ij - L_i) - [j = t_i]) / counted        0 in ignored rows
//
// Each pass reads a row from memory once: neither log-probabilities nor one-hot rows are ever stored, only L. The loss
// is summed in double, in blocks of rows fixed by the shape. If no row is counted, the loss is NaN, as in PyTorch.
#include "cpu/simd_target.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/kernels/cross_entropy.cpp"
#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>

#include "cpu/kernels/log_sum_exp-inl.h"

#ifndef TS_CPU_CROSS_ENTROPY_KERNELS
#define TS_CPU_CROSS_ENTROPY_KERNELS
namespace ts::cpu {

// The functions of one instruction set. T is float or double.
template <class T>
struct CrossEntropyKernels {
  LogSumExp<T> (*log_sum_exp)(const T* x, std::int64_t n);
  /// out_j = scale * exp(x_j - log_normalizer); `out` may be x.
  void (*probabilities)(const T* x, T* out, std::int64_t n, T log_normalizer, T scale);
};

}  // namespace ts::cpu
#endif

HWY_BEFORE_NAMESPACE();
namespace ts::cpu {
namespace HWY_NAMESPACE {

template <class T>
LogSumExp<T> row_log_sum_exp(const T* x, int64_t n) {
  return log_sum_exp(x, n);
}

template <class T>
void scaled_probabilities(const T* x, T* out, int64_t n, T log_normalizer, T scale) {
  const Vec<T> shift(log_normalizer), factor(scale);
  for_each_vector<T>(
      n, [&](int64_t i) HWY_ATTR { (exp(Vec<T>::load(x + i) - shift) * factor).store(out + i); },
      [&](int64_t i, int64_t left)
          HWY_ATTR { store_first(exp(load_first(x + i, left, shift) - shift) * factor, out + i, left); });
}

CrossEntropyKernels<float> float_cross_entropy() { return {&row_log_sum_exp<float>, &scaled_probabilities<float>}; }
CrossEntropyKernels<double> double_cross_entropy() { return {&row_log_sum_exp<double>, &scaled_probabilities<double>}; }

}  // namespace HWY_NAMESPACE
}  // namespace ts::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>

#include "backend/dispatch.h"
#include "cpu/convert.h"
#include "cpu/kernels/copy.h"
#include "cpu/thread_pool.h"
#include "cpu/workspace.h"
#include "generated/cpu/losses.g.h"

namespace ts::cpu {
namespace {

HWY_EXPORT(float_cross_entropy);
HWY_EXPORT(double_cross_entropy);

template <class C>
CrossEntropyKernels<C> kernels() {
  if constexpr (std::is_same_v<C, float>) {
    return TS_SIMD_DISPATCH(float_cross_entropy)();
  } else {
    return TS_SIMD_DISPATCH(double_cross_entropy)();
  }
}

// Number of rows whose losses are added up before they are added to the total.
constexpr std::int64_t kRowsPerSum = 16;

template <class T>
using Compute = std::conditional_t<std::is_same_v<T, double>, double, float>;

std::int64_t grain(std::int64_t elements) {
  return std::max<std::int64_t>(1, kMinParallelBytes / 8 / std::max<std::int64_t>(1, elements));
}

void check_class(std::int64_t target, std::int64_t position, std::int64_t classes) {
  TS_CHECK(target >= 0 && target < classes, IndexError, "target ", target, " at position ", position,
           " is not a valid class: the input has ", classes, " of them", classes == 0 ? "" : ", 0 to ",
           classes == 0 ? std::string() : std::to_string(classes - 1));
}

// Checks every class and counts the rows that are not ignored.
std::int64_t count_rows(const std::int64_t* target, std::int64_t rows, std::int64_t classes,
                        std::int64_t ignore_index) {
  std::int64_t counted = 0;
  for (std::int64_t i = 0; i < rows; ++i) {
    if (target[i] == ignore_index) continue;
    check_class(target[i], i, classes);
    ++counted;
  }
  return counted;
}

template <class C, class T>
C widen(T value) {
  if constexpr (std::is_same_v<T, C>) {
    return value;
  } else {
    return to_float(value);
  }
}
template <class T, class C>
void store(C value, T& to) {
  if constexpr (std::is_same_v<T, Half>) {
    to = to_half(value);
  } else if constexpr (std::is_same_v<T, BFloat16>) {
    to = to_bfloat16(value);
  } else {
    to = static_cast<T>(value);
  }
}

template <class C>
C* scratch(std::int64_t count) {
  static Workspace workspace;
  return static_cast<C*>(workspace.reserve(static_cast<std::size_t>(count) * sizeof(C)));
}

}  // namespace

void checked_classes(const Tensor& result, const Tensor& target, std::int64_t classes,
                     std::optional<std::int64_t> ignore_index) {
  const std::int64_t* const from = target.data<std::int64_t>();
  std::int64_t* const to = result.data<std::int64_t>();
  for (std::int64_t i = 0; i < target.numel(); ++i) {
    const bool ignored = ignore_index && from[i] == *ignore_index;
    if (!ignored) check_class(from[i], i, classes);
    to[i] = ignored ? 0 : from[i];
  }
}

void cross_entropy_classes(const Tensor& loss, const Tensor& log_normalizer, const Tensor& input, const Tensor& target,
                           std::int64_t ignore_index) {
  const std::int64_t rows = input.size(0), classes = input.size(1);
  const std::int64_t* const t = target.data<std::int64_t>();
  const std::int64_t counted = count_rows(t, rows, classes, ignore_index);
  const std::int64_t blocks = (rows + kRowsPerSum - 1) / kRowsPerSum;
  static Workspace block_sums;
  auto* const sums = static_cast<double*>(block_sums.reserve(static_cast<std::size_t>(blocks) * sizeof(double)));

  dispatch_floating(input.dtype(), [&]<class T>() {
    using C = Compute<T>;
    const CrossEntropyKernels<C> kernel = kernels<C>();
    const Converter to_compute = converter(dtype_of<T>, dtype_of<C>);
    const T* const x = input.data<T>();
    C* const normalizers = log_normalizer.data<C>();
    parallel_for(blocks, grain(kRowsPerSum * classes), [&](std::int64_t begin, std::int64_t end) {
      C* const room = std::is_same_v<T, C> ? nullptr : scratch<C>(classes);
      for (std::int64_t block = begin; block < end; ++block) {
        double sum = 0;
        for (std::int64_t i = block * kRowsPerSum; i < std::min(rows, (block + 1) * kRowsPerSum); ++i) {
          const T* const row = x + i * classes;
          const C* logits;
          if constexpr (std::is_same_v<T, C>) {
            logits = row;
          } else {
            to_compute(row, room, classes);
            logits = room;
          }
          const LogSumExp<C> total = kernel.log_sum_exp(logits, classes);
          normalizers[i] = total.value();
          if (t[i] == ignore_index) continue;
          // In double, the maximum and the logit cancel without loss of precision.
          sum += (static_cast<double>(total.max) - static_cast<double>(logits[t[i]])) +
                 std::log(static_cast<double>(total.sum));
        }
        sums[block] = sum;
      }
    });
    double total = 0;
    for (std::int64_t block = 0; block < blocks; ++block) total += sums[block];
    const double mean = counted == 0 ? std::numeric_limits<double>::quiet_NaN() : total / static_cast<double>(counted);
    store(static_cast<C>(mean), *loss.data<T>());
  });
}

void cross_entropy_classes_backward(const Tensor& result, const Tensor& grad_output, const Tensor& input,
                                    const Tensor& target, const Tensor& log_normalizer, std::int64_t ignore_index) {
  const std::int64_t rows = input.size(0), classes = input.size(1);
  const Tensor dense_input = dense(input), dense_target = dense(target), dense_normalizer = dense(log_normalizer);
  const std::int64_t* const t = dense_target.data<std::int64_t>();
  const std::int64_t counted = count_rows(t, rows, classes, ignore_index);
  const Scalar upstream = grad_output.item();

  dispatch_floating(input.dtype(), [&]<class T>() {
    using C = Compute<T>;
    const CrossEntropyKernels<C> kernel = kernels<C>();
    const Converter to_compute = converter(dtype_of<T>, dtype_of<C>), to_storage = converter(dtype_of<C>, dtype_of<T>);
    const T* const x = dense_input.data<T>();
    const C* const normalizers = dense_normalizer.data<C>();
    T* const out = result.data<T>();
    const C scale = static_cast<C>(upstream.to_double() / static_cast<double>(std::max<std::int64_t>(1, counted)));
    parallel_for(rows, grain(classes), [&](std::int64_t begin, std::int64_t end) {
      C* const room = std::is_same_v<T, C> ? nullptr : scratch<C>(classes);
      for (std::int64_t i = begin; i < end; ++i) {
        T* const row = out + i * classes;
        if (t[i] == ignore_index) {
          std::fill(row, row + classes, T());
          continue;
        }
        if constexpr (std::is_same_v<T, C>) {
          kernel.probabilities(x + i * classes, row, classes, normalizers[i], scale);
          row[t[i]] -= scale;
        } else {
          to_compute(x + i * classes, room, classes);
          kernel.probabilities(room, room, classes, normalizers[i], scale);
          room[t[i]] -= scale;
          to_storage(room, row, classes);
        }
      }
    });
  });
}

}  // namespace ts::cpu

#endif  // HWY_ONCE
