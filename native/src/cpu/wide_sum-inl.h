// Totals of float vectors in double, for sums of many blocks: each block is added up in float, and the blocks in double,
// so the error does not grow with their number. Other types are totalled in their own type.
#if defined(TS_CPU_WIDE_SUM_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef TS_CPU_WIDE_SUM_INL_H_
#undef TS_CPU_WIDE_SUM_INL_H_
#else
#define TS_CPU_WIDE_SUM_INL_H_
#endif

#include "cpu/vec_tail-inl.h"

HWY_BEFORE_NAMESPACE();
namespace ts::cpu {
namespace HWY_NAMESPACE {

/// A total for each lane of the vectors that are added to it.
template <class T>
struct WideSum {
  Vec<T> total;

  HWY_INLINE WideSum() : total(0) {}
  HWY_INLINE void add(Vec<T> x) { total = total + x; }
  HWY_INLINE T sum() const { return sum_of_lanes(total); }
};

/// to[j] += lane j of x.
template <class T>
HWY_INLINE void add_lanes(Vec<T> x, T* to) {
  (Vec<T>::load(to) + x).store(to);
}

#if HWY_TARGET == HWY_SCALAR

template <>
struct WideSum<float> {
  double total = 0;

  HWY_INLINE void add(Vec<float> x) { total += static_cast<double>(x.raw.raw); }
  HWY_INLINE double sum() const { return total; }
};

HWY_INLINE void add_lanes(Vec<float> x, double* to) { *to += static_cast<double>(x.raw.raw); }

#else

HWY_INLINE Vec<double> low_half(Vec<float> x) {
  const hn::Half<hn::ScalableTag<float>> half;
  return Vec<double>(hn::PromoteTo(hn::ScalableTag<double>(), hn::LowerHalf(half, x.raw)));
}
HWY_INLINE Vec<double> high_half(Vec<float> x) {
  const hn::Half<hn::ScalableTag<float>> half;
  return Vec<double>(hn::PromoteTo(hn::ScalableTag<double>(), hn::UpperHalf(half, x.raw)));
}

template <>
struct WideSum<float> {
  Vec<double> low, high;

  HWY_INLINE WideSum() : low(0), high(0) {}
  HWY_INLINE void add(Vec<float> x) {
    low = low + low_half(x);
    high = high + high_half(x);
  }
  HWY_INLINE double sum() const { return sum_of_lanes(low + high); }
};

HWY_INLINE void add_lanes(Vec<float> x, double* to) {
  add_lanes(low_half(x), to);
  add_lanes(high_half(x), to + kLanes<double>);
}

#endif

}  // namespace HWY_NAMESPACE
}  // namespace ts::cpu
HWY_AFTER_NAMESPACE();

#endif  // include guard
