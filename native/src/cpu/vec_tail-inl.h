// Partial vectors for the ends of rows: loads and stores of the first few lanes, which touch no memory beyond them, and
// reductions of a vector to one number.
#if defined(TS_CPU_VEC_TAIL_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef TS_CPU_VEC_TAIL_INL_H_
#undef TS_CPU_VEC_TAIL_INL_H_
#else
#define TS_CPU_VEC_TAIL_INL_H_
#endif

#include <cstdint>
#include <cstring>

#include "cpu/vec-inl.h"

HWY_BEFORE_NAMESPACE();
namespace ts::cpu {
namespace HWY_NAMESPACE {

template <class T>
constexpr int64_t kLanes = static_cast<int64_t>(Vec<T>::kLanes);

/// The lanes from `count` on are set to `fill`.
template <class T>
HWY_INLINE Vec<T> load_first(const T* from, int64_t count, Vec<T> fill) {
#if HWY_MEM_OPS_MIGHT_FAULT
  HWY_ALIGN T lanes[Vec<T>::kLanes];
  fill.store(lanes);
  std::memcpy(lanes, from, static_cast<size_t>(count) * sizeof(T));
  return Vec<T>::load(lanes);
#else
  const hn::ScalableTag<T> d;
  const auto mask = hn::FirstN(d, static_cast<size_t>(count));
  return Vec<T>(hn::IfThenElse(mask, hn::MaskedLoad(mask, d, from), fill.raw));
#endif
}

template <class T>
HWY_INLINE void store_first(Vec<T> value, T* to, int64_t count) {
#if HWY_MEM_OPS_MIGHT_FAULT
  HWY_ALIGN T lanes[Vec<T>::kLanes];
  value.store(lanes);
  std::memcpy(to, lanes, static_cast<size_t>(count) * sizeof(T));
#else
  const hn::ScalableTag<T> d;
  hn::BlendedStore(value.raw, hn::FirstN(d, static_cast<size_t>(count)), d, to);
#endif
}

/// The lanes from `count` on are set to `fill`.
template <class T>
HWY_INLINE Vec<T> keep_first(Vec<T> value, int64_t count, Vec<T> fill) {
  const hn::ScalableTag<T> d;
  return Vec<T>(hn::IfThenElse(hn::FirstN(d, static_cast<size_t>(count)), value.raw, fill.raw));
}

template <class T>
HWY_INLINE T sum_of_lanes(Vec<T> value) {
  return hn::GetLane(hn::SumOfLanes(hn::ScalableTag<T>(), value.raw));
}
template <class T>
HWY_INLINE T max_of_lanes(Vec<T> value) {
  return hn::GetLane(hn::MaxOfLanes(hn::ScalableTag<T>(), value.raw));
}

/// Calls whole(i) for every full vector of [0, count), and part(i, left) for the remaining elements, if any.
template <class T, class Whole, class Part>
HWY_INLINE void for_each_vector(int64_t count, Whole whole, Part part) {
  int64_t i = 0;
  for (; i + kLanes<T> <= count; i += kLanes<T>) whole(i);
  if (i < count) part(i, count - i);
}

}  // namespace HWY_NAMESPACE
}  // namespace ts::cpu
HWY_AFTER_NAMESPACE();

#endif  // include guard
