// Sums and means over some or all dimensions of a tensor of any strides; block_sums.h has the order of the additions.
//
// float16 and bfloat16 are summed in float, and integers in int64 (smaller types wrap around at the end). The sum of
// bools is true if any of them is true. A mean is divided before it is rounded to its type.
#include "cpu/simd_target.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/kernels/sum.cpp"
#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>

#include "cpu/kernels/block_sums.h"
#include "cpu/wide_sum-inl.h"

#ifndef TS_CPU_SUM_KERNELS
#define TS_CPU_SUM_KERNELS
namespace ts::cpu {

// The functions of one instruction set. T is float, double or uint64_t.
template <class T>
struct SumKernels {
  BlockKernels<T> blocks;
  /// out[i * out_stride] = the sum of x[i * stride] ... x[i * stride + n - 1], divided by `divisor`.
  void (*rows)(const T* x, std::int64_t count, std::int64_t stride, std::int64_t n, TotalType<T> divisor, T* out,
               std::int64_t out_stride);
};

}  // namespace ts::cpu
#endif

HWY_BEFORE_NAMESPACE();
namespace ts::cpu {
namespace HWY_NAMESPACE {

// Four sums side by side hide the latency of the addition. They are added to the total every kSteps, so that the error
// does not grow with the whole length of a lane. Integer sums have no error, and the compiler optimizes them (GCC 12
// with -O3 -fwrapv miscompiles four hand-written integer sums for the scalar target).
template <class T>
HWY_INLINE TotalType<T> sum_row(const T* x, int64_t n) {
  if constexpr (std::is_integral_v<T>) {
    T sum = 0;
    for (int64_t i = 0; i < n; ++i) sum += x[i];
    return sum;
  } else {
    constexpr int64_t L = kLanes<T>, kSteps = 16;
    const auto steps = [x](int64_t& i, int64_t end) HWY_ATTR {
      Vec<T> s0(0), s1(0), s2(0), s3(0);
      for (; i + 4 * L <= end; i += 4 * L) {
        s0 = s0 + Vec<T>::load(x + i);
        s1 = s1 + Vec<T>::load(x + i + L);
        s2 = s2 + Vec<T>::load(x + i + 2 * L);
        s3 = s3 + Vec<T>::load(x + i + 3 * L);
      }
      return (s0 + s1) + (s2 + s3);
    };
    const auto remainder = [x, n](int64_t i) HWY_ATTR {
      Vec<T> rest(0);
      for (; i + L <= n; i += L) rest = rest + Vec<T>::load(x + i);
      return i < n ? rest + load_first(x + i, n - i, Vec<T>(0)) : rest;
    };
    int64_t i = 0;
    if (n < 8 * L * kSteps) {
      const Vec<T> sum = steps(i, n);
      return static_cast<TotalType<T>>(sum_of_lanes(sum + remainder(i)));
    }
    WideSum<T> total;
    while (i + 4 * L <= n) total.add(steps(i, n - i < 4 * L * kSteps ? n : i + 4 * L * kSteps));
    total.add(remainder(i));
    return total.sum();
  }
}

template <class T>
void sum_block(const T* x, int64_t n, T /*centre*/, TotalType<T>* total) {
  *total = sum_row(x, n);
}

template <class T>
void sum_rows(const T* x, int64_t count, int64_t stride, int64_t n, TotalType<T> divisor, T* out, int64_t out_stride) {
  // Short rows, four of them side by side, cost less than reducing a vector would.
  if (n <= 16) {
    int64_t i = 0;
    for (; i + 4 <= count; i += 4) {
      const T* row = x + i * stride;
      T s0 = 0, s1 = 0, s2 = 0, s3 = 0;
      for (int64_t j = 0; j < n; ++j, ++row) {
        s0 += row[0];
        s1 += row[stride];
        s2 += row[2 * stride];
        s3 += row[3 * stride];
      }
      T* const to = out + i * out_stride;
      to[0] = s0;
      to[out_stride] = s1;
      to[2 * out_stride] = s2;
      to[3 * out_stride] = s3;
    }
    for (; i < count; ++i) {
      T sum = 0;
      for (int64_t j = 0; j < n; ++j) sum += x[i * stride + j];
      out[i * out_stride] = sum;
    }
    for (i = 0; divisor != 1 && i < count; ++i) out[i * out_stride] /= static_cast<T>(divisor);
    return;
  }
  for (int64_t i = 0; i < count; ++i) {
    const TotalType<T> sum = sum_row(x + i * stride, n);
    out[i * out_stride] = static_cast<T>(divisor == 1 ? sum : sum / divisor);
  }
}

template <class T>
void add_rows(const T* const rows[8], const T* /*centre*/, TotalType<T>* totals, int64_t width) {
  const T *r0 = rows[0], *r1 = rows[1], *r2 = rows[2], *r3 = rows[3];
  const T *r4 = rows[4], *r5 = rows[5], *r6 = rows[6], *r7 = rows[7];
  using V = Vec<T>;
  for_each_vector<T>(
      width,
      [&](int64_t j) HWY_ATTR {
        const V low = (V::load(r0 + j) + V::load(r1 + j)) + (V::load(r2 + j) + V::load(r3 + j));
        const V high = (V::load(r4 + j) + V::load(r5 + j)) + (V::load(r6 + j) + V::load(r7 + j));
        add_lanes(low + high, totals + j);
      },
      [&](int64_t j, int64_t left) HWY_ATTR {
        for (int64_t end = j + left; j < end; ++j) {
          totals[j] += static_cast<TotalType<T>>(((r0[j] + r1[j]) + (r2[j] + r3[j])) + ((r4[j] + r5[j]) + (r6[j] + r7[j])));
        }
      });
}

template <class T>
SumKernels<T> make_sums() {
  return {{&sum_block<T>, &add_rows<T>}, &sum_rows<T>};
}
SumKernels<float> float_sums() { return make_sums<float>(); }
SumKernels<double> double_sums() { return make_sums<double>(); }
// Unsigned, so that sums wrap around.
SumKernels<uint64_t> integer_sums() { return make_sums<uint64_t>(); }

}  // namespace HWY_NAMESPACE
}  // namespace ts::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

#include <limits>

#include "backend/reduced_dims.h"
#include "cpu/kernels/copy.h"
#include "generated/cpu/creation.g.h"
#include "generated/cpu/reductions.g.h"

namespace ts::cpu {
namespace {

HWY_EXPORT(float_sums);
HWY_EXPORT(double_sums);
HWY_EXPORT(integer_sums);

template <class C>
SumKernels<C> kernels() {
  if constexpr (std::is_same_v<C, float>) {
    return TS_SIMD_DISPATCH(float_sums)();
  } else if constexpr (std::is_same_v<C, double>) {
    return TS_SIMD_DISPATCH(double_sums)();
  } else {
    return TS_SIMD_DISPATCH(integer_sums)();
  }
}

// One short row for each output; whole runs of rows are summed at a time.
template <class T>
void sum_short_rows(const ReductionPlan& plan, const SumKernels<T>& kernel, TotalType<T> divisor, const T* in, T* out) {
  const std::int64_t length = plan.reduced.numel();
  const ReductionDim inner = plan.kept.count == 0 ? ReductionDim{1, 0, 0} : plan.kept.dims[plan.kept.count - 1];
  const std::int64_t elements = std::max<std::int64_t>(1, length) * static_cast<std::int64_t>(sizeof(T));
  const std::int64_t grain = std::max<std::int64_t>(1, kMinParallelBytes / elements);
  parallel_for(plan.kept.numel(), grain, [&](std::int64_t begin, std::int64_t end) {
    while (begin < end) {
      const std::int64_t count = std::min(end - begin, inner.size - begin % inner.size);
      kernel.rows(in + plan.kept.offset(begin), count, inner.stride, length, divisor, out + plan.kept.out_offset(begin),
                  inner.out_stride);
      begin += count;
    }
  });
}

template <class T>
void sum_elements(const ReductionPlan& plan, DType dtype, TotalType<TermType<T>> divisor, const T* in, T* out) {
  using C = TermType<T>;
  using Total = TotalType<C>;
  const SumKernels<C> kernel = kernels<C>();
  const auto put = [&](std::int64_t at, const Total* total) {
    const Total value = *total / divisor;
    if constexpr (std::is_same_v<T, Half>) {
      out[at] = to_half(static_cast<float>(value));
    } else if constexpr (std::is_same_v<T, BFloat16>) {
      out[at] = to_bfloat16(static_cast<float>(value));
    } else if (dtype == DType::Bool) {
      out[at] = static_cast<T>(value != 0);
    } else {
      out[at] = static_cast<T>(value);
    }
  };
  using Sums = BlockSums<T, 1, decltype(put)>;
  if constexpr (std::is_same_v<T, C>) {
    if (plan.innermost_is_reduced && plan.reduced.count == 1 && plan.reduced.numel() <= Sums::kBlock) {
      return sum_short_rows<T>(plan, kernel, divisor, in, out);
    }
  }
  Sums(plan, dtype, in, nullptr, kernel.blocks, put).run();
}

void sum_over(const Tensor& result, const Tensor& self, const std::optional<IntList>& dim, std::int64_t divisor) {
  Tensor source = self;
  const ReductionPlan plan = plan_reduction(&source, reduced_dims(dim, self.dim()));
  dispatch_all(source.dtype(), [&]<class T>() {
    // Integers that are already 64 bits wide are not converted.
    using Element = std::conditional_t<std::is_same_v<T, std::int64_t>, std::uint64_t, T>;
    sum_elements<Element>(plan, source.dtype(), static_cast<TotalType<TermType<Element>>>(divisor),
                          static_cast<const Element*>(source.raw_data()), static_cast<Element*>(result.raw_data()));
  });
}

}  // namespace

void sum(const Tensor& result, const Tensor& self, std::optional<IntList> dim,
         bool /*keepdim: in the result's shape*/) {
  if (result.numel() == 0) return;
  if (self.numel() == 0) return fill_with_zeros(result);
  sum_over(result, self, dim, 1);
}

void mean(const Tensor& result, const Tensor& self, std::optional<IntList> dim,
          bool /*keepdim: in the result's shape*/) {
  if (result.numel() == 0) return;
  if (self.numel() == 0) return fill(result, std::numeric_limits<double>::quiet_NaN());
  sum_over(result, self, dim, self.numel() / result.numel());
}

}  // namespace ts::cpu

#endif  // HWY_ONCE
