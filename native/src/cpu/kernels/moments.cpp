// Variances, standard deviations and means over some or all dimensions of a tensor of any strides.
//
// The first pass finds the mean, which is rounded to c; the second sums d = x - c and d^2, block by block in the order of
// block_sums.h. Subtracting c loses nothing where x is close to it, and what the rounding of c left out is in sum(d):
//
//   mean = c + sum(d) / n      variance = (sum(d^2) - sum(d)^2 / n) / (n - correction)
//
// So a mean that is large compared with the deviations does no harm. The mean is returned as two numbers of the result's
// type, `mean` and `rest`, whose sum it is.
#include "cpu/simd_target.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/kernels/moments.cpp"
#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>

#include "cpu/kernels/block_sums.h"
#include "cpu/wide_sum-inl.h"

#ifndef TS_CPU_MOMENT_KERNELS
#define TS_CPU_MOMENT_KERNELS
namespace ts::cpu {

// The functions of one instruction set. T is float or double.
template <class T>
struct MomentKernels {
  BlockKernels<T> sums, deviations;
};

}  // namespace ts::cpu
#endif

HWY_BEFORE_NAMESPACE();
namespace ts::cpu {
namespace HWY_NAMESPACE {

// Sums of d and d^2 in two vectors each, added to the totals every kSteps.
template <class T>
void deviations_of_block(const T* x, int64_t n, T centre, double* totals) {
  constexpr int64_t L = kLanes<T>, kSteps = 16;
  const Vec<T> c(centre);
  WideSum<T> first, second;
  int64_t i = 0;
  while (i + 2 * L <= n) {
    const int64_t end = n - i < 2 * L * kSteps ? n : i + 2 * L * kSteps;
    Vec<T> a0(0), a1(0), b0(0), b1(0);
    for (; i + 2 * L <= end; i += 2 * L) {
      const Vec<T> d0 = Vec<T>::load(x + i) - c, d1 = Vec<T>::load(x + i + L) - c;
      a0 = a0 + d0;
      a1 = a1 + d1;
      b0 = mul_add(d0, d0, b0);
      b1 = mul_add(d1, d1, b1);
    }
    first.add(a0 + a1);
    second.add(b0 + b1);
  }
  for (; i < n; i += L) {
    const Vec<T> d = (i + L <= n ? Vec<T>::load(x + i) : load_first(x + i, n - i, c)) - c;
    first.add(d);
    second.add(d * d);
  }
  totals[0] = first.sum();
  totals[1] = second.sum();
}

template <class T>
void sum_of_block(const T* x, int64_t n, T /*centre*/, double* total) {
  constexpr int64_t L = kLanes<T>, kSteps = 16;
  WideSum<T> sum;
  int64_t i = 0;
  while (i + 2 * L <= n) {
    const int64_t end = n - i < 2 * L * kSteps ? n : i + 2 * L * kSteps;
    Vec<T> s0(0), s1(0);
    for (; i + 2 * L <= end; i += 2 * L) {
      s0 = s0 + Vec<T>::load(x + i);
      s1 = s1 + Vec<T>::load(x + i + L);
    }
    sum.add(s0 + s1);
  }
  for (; i < n; i += L) sum.add(i + L <= n ? Vec<T>::load(x + i) : load_first(x + i, n - i, Vec<T>(0)));
  *total = sum.sum();
}

template <class T>
void add_deviations(const T* const rows[8], const T* centre, double* totals, int64_t width) {
  using V = Vec<T>;
  for_each_vector<T>(
      width,
      [&](int64_t j) HWY_ATTR {
        const V c = V::load(centre + j);
        V first(0), second(0);
        for (int k = 0; k < 8; ++k) {
          const V d = V::load(rows[k] + j) - c;
          first = first + d;
          second = mul_add(d, d, second);
        }
        add_lanes(first, totals + j);
        add_lanes(second, totals + width + j);
      },
      [&](int64_t j, int64_t left) HWY_ATTR {
        for (int64_t end = j + left; j < end; ++j) {
          for (int k = 0; k < 8; ++k) {
            const double d = static_cast<double>(rows[k][j] - centre[j]);
            totals[j] += d;
            totals[width + j] += d * d;
          }
        }
      });
}

template <class T>
void add_rows(const T* const rows[8], const T* /*centre*/, double* totals, int64_t width) {
  using V = Vec<T>;
  for_each_vector<T>(
      width,
      [&](int64_t j) HWY_ATTR {
        const V low = (V::load(rows[0] + j) + V::load(rows[1] + j)) + (V::load(rows[2] + j) + V::load(rows[3] + j));
        const V high = (V::load(rows[4] + j) + V::load(rows[5] + j)) + (V::load(rows[6] + j) + V::load(rows[7] + j));
        add_lanes(low + high, totals + j);
      },
      [&](int64_t j, int64_t left) HWY_ATTR {
        for (int64_t end = j + left; j < end; ++j) {
          for (int k = 0; k < 8; ++k) totals[j] += static_cast<double>(rows[k][j]);
        }
      });
}

template <class T>
MomentKernels<T> make_moments() {
  return {{&sum_of_block<T>, &add_rows<T>}, {&deviations_of_block<T>, &add_deviations<T>}};
}
MomentKernels<float> float_moments() { return make_moments<float>(); }
MomentKernels<double> double_moments() { return make_moments<double>(); }

}  // namespace HWY_NAMESPACE
}  // namespace ts::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

#include <cmath>
#include <limits>

#include "backend/reduced_dims.h"
#include "cpu/kernels/copy.h"
#include "generated/cpu/creation.g.h"
#include "generated/cpu/reductions.g.h"

namespace ts::cpu {
namespace {

HWY_EXPORT(float_moments);
HWY_EXPORT(double_moments);

template <class C>
MomentKernels<C> kernels() {
  if constexpr (std::is_same_v<C, float>) return TS_SIMD_DISPATCH(float_moments)();
  else return TS_SIMD_DISPATCH(double_moments)();
}

template <class T>
double value_of(T element) {
  if constexpr (std::is_same_v<T, Half> || std::is_same_v<T, BFloat16>) return static_cast<double>(to_float(element));
  else return static_cast<double>(element);
}

// sum(d) and sum(d^2) in double for one output, where squares in float leave their range.
template <class T>
void exact_deviations(const ReductionPlan& plan, const T* from, double centre, double* totals) {
  totals[0] = totals[1] = 0;
  const std::int64_t length = plan.reduced.numel(), piece = plan.reduced.dims[plan.reduced.count - 1].size;
  const std::int64_t stride = plan.reduced.dims[plan.reduced.count - 1].stride;
  for (std::int64_t i = 0; i < length; i += piece) {
    const T* const run = from + plan.reduced.offset(i);
    for (std::int64_t j = 0; j < piece; ++j) {
      const double d = value_of(run[j * stride]) - centre;
      totals[0] += d;
      totals[1] += d * d;
    }
  }
}

// The offset in the operand of the element of the result at `output`.
std::int64_t source_offset(const ReductionPlan& plan, std::int64_t output) {
  std::int64_t offset = 0;
  for (int i = 0; i < plan.kept.count; ++i) {
    const ReductionDim& dim = plan.kept.dims[i];
    offset += output / dim.out_stride % dim.size * dim.stride;
  }
  return offset;
}

}  // namespace

void moments(const Tensor& spread, const Tensor& mean, const Tensor& rest, const Tensor& self,
             std::optional<IntList> dim, std::int64_t correction, bool /*keepdim: in the results' shape*/, bool root) {
  if (mean.numel() == 0) return;
  if (self.numel() == 0) {
    for (const Tensor& result : {spread, mean}) fill(result, std::numeric_limits<double>::quiet_NaN());
    return fill_with_zeros(rest);
  }
  Tensor source = self;
  const ReductionPlan plan = plan_reduction(&source, reduced_dims(dim, self.dim()));
  const double count = static_cast<double>(self.numel() / mean.numel());
  const double degrees = std::max(0.0, count - static_cast<double>(correction));
  dispatch_floating(source.dtype(), [&]<class T>() {
    using C = TermType<T>;
    const MomentKernels<C> kernel = kernels<C>();
    const T* const x = static_cast<const T*>(source.raw_data());
    C *const centres = mean.data<C>(), *const spreads = spread.data<C>(), *const rests = rest.data<C>();

    const auto put_centre = [&](std::int64_t at, const double* total) { centres[at] = static_cast<C>(*total / count); };
    BlockSums<T, 1, decltype(put_centre)>(plan, source.dtype(), x, nullptr, kernel.sums, put_centre).run();

    const auto put_moments = [&](std::int64_t at, const double* deviations) {
      const double centre = static_cast<double>(centres[at]);
      double totals[2] = {deviations[0], deviations[1]};
      if constexpr (std::is_same_v<C, float>) {
        // Squares that overflow, or so small that they are rounded to multiples of the smallest number.
        if (!(totals[1] < 1e30) || totals[1] < 1e-30 * count) {
          exact_deviations(plan, x + source_offset(plan, at), centre, totals);
        }
      }
      const double shift = totals[0] / count, exact = centre + shift;
      const double variance = std::max(0.0, totals[1] - totals[0] * shift) / degrees;
      // max() above would hide a NaN.
      const double result = std::isnan(totals[1]) ? totals[1] : root ? std::sqrt(variance) : variance;
      spreads[at] = static_cast<C>(result);
      centres[at] = static_cast<C>(exact);
      rests[at] = std::isfinite(exact) ? static_cast<C>(exact - static_cast<double>(centres[at])) : C(0);
    };
    BlockSums<T, 2, decltype(put_moments)>(plan, source.dtype(), x, centres, kernel.deviations, put_moments).run();
  });
}

}  // namespace ts::cpu

#endif  // HWY_ONCE
