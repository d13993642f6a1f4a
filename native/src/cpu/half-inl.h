// Loads and stores that widen 16-bit floats to float and round them back, so that a kernel written for vectors of float
// or double can read and write any floating-point type. LoadWide(d, p) is hn::LoadU where no widening is needed.
#if defined(TS_CPU_HALF_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef TS_CPU_HALF_INL_H_
#undef TS_CPU_HALF_INL_H_
#else
#define TS_CPU_HALF_INL_H_
#endif

#include <hwy/highway.h>

#include <cstdint>
#include <cstring>

#include "torchscratch/dtype.h"

HWY_BEFORE_NAMESPACE();
namespace ts::cpu {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// --- The first n lanes of a vector; memory beyond them is neither read nor written ---

template <class D, class T = hn::TFromD<D>>
HWY_INLINE hn::Vec<D> LoadFirst(D d, const T* p, size_t n) {  // the other lanes are zero
#if HWY_MEM_OPS_MIGHT_FAULT
  HWY_ALIGN T lanes[hn::MaxLanes(d)] = {};
  std::memcpy(lanes, p, n * sizeof(T));
  return hn::Load(d, lanes);
#else
  return hn::MaskedLoad(hn::FirstN(d, n), d, p);
#endif
}

template <class D, class T = hn::TFromD<D>>
HWY_INLINE void StoreFirst(hn::Vec<D> v, D d, T* p, size_t n) {
#if HWY_MEM_OPS_MIGHT_FAULT
  HWY_ALIGN T lanes[hn::MaxLanes(d)];
  hn::Store(v, d, lanes);
  std::memcpy(p, lanes, n * sizeof(T));
#else
  hn::BlendedStore(v, hn::FirstN(d, n), d, p);
#endif
}

// --- Conversion from and to 16 bits. D is a tag of float, Bits<D> a tag of as many 16-bit lanes ---

template <class D>
using Bits = hn::Rebind<uint16_t, D>;

template <class D>
HWY_INLINE hn::Vec<D> WidenBits(D d, hn::Vec<Bits<D>> bits, BFloat16) {
  const hn::RebindToUnsigned<D> du;
  return hn::BitCast(d, hn::ShiftLeft<16>(hn::PromoteTo(du, bits)));
}

// Rounds to nearest even; NaN stays NaN. Same as to_bfloat16 in dtype.h.
template <class D>
HWY_INLINE hn::Vec<Bits<D>> NarrowToBits(D, hn::Vec<D> x, BFloat16) {
  const hn::RebindToUnsigned<D> du;
  const hn::RebindToSigned<D> di;
  const auto bits = hn::BitCast(du, x);
  const auto odd = hn::And(hn::ShiftRight<16>(bits), hn::Set(du, 1u));
  const auto rounded = hn::Add(bits, hn::Add(odd, hn::Set(du, 0x7fffu)));
  const auto nan = hn::Or(bits, hn::Set(du, 0x400000u));
  const auto result = hn::IfThenElse(hn::RebindMask(du, hn::IsNaN(x)), nan, rounded);
  return hn::DemoteTo(Bits<D>(), hn::BitCast(di, hn::ShiftRight<16>(result)));
}

#if HWY_TARGET <= HWY_AVX2 && HWY_ARCH_X86
template <class D>
HWY_INLINE hn::Vec<D> WidenBits(D d, hn::Vec<Bits<D>> bits, Half) {
  return hn::PromoteTo(d, hn::BitCast(hn::Rebind<hwy::float16_t, D>(), bits));
}
template <class D>
HWY_INLINE hn::Vec<Bits<D>> NarrowToBits(D, hn::Vec<D> x, Half) {
  return hn::BitCast(Bits<D>(), hn::DemoteTo(hn::Rebind<hwy::float16_t, D>(), x));
}
#else
// Interpreted as a float, the shifted bits are the number times 2^-112, also for subnormal numbers.
template <class D>
HWY_INLINE hn::Vec<D> WidenBits(D d, hn::Vec<Bits<D>> bits, Half) {
  const hn::RebindToUnsigned<D> du;
  const auto wide = hn::PromoteTo(du, bits);
  const auto sign = hn::ShiftLeft<16>(hn::And(wide, hn::Set(du, 0x8000u)));
  const auto shifted = hn::ShiftLeft<13>(hn::And(wide, hn::Set(du, 0x7fffu)));
  const auto number = hn::BitCast(du, hn::Mul(hn::BitCast(d, shifted), hn::Set(d, 0x1p112f)));
  const auto special = hn::Or(shifted, hn::Set(du, 0x7f800000u));  // infinity and NaN
  const auto is_special = hn::Gt(shifted, hn::Set(du, 0x0f7fffffu));
  return hn::BitCast(d, hn::Or(sign, hn::IfThenElse(is_special, special, number)));
}
// Rounds to nearest even. Adding 1/2 aligns the significand of a subnormal result, so that the addition itself
// rounds it.
template <class D>
HWY_INLINE hn::Vec<Bits<D>> NarrowToBits(D d, hn::Vec<D> x, Half) {
  const hn::RebindToUnsigned<D> du;
  const hn::RebindToSigned<D> di;
  const auto bits = hn::BitCast(du, x);
  const auto sign = hn::And(hn::ShiftRight<16>(bits), hn::Set(du, 0x8000u));
  const auto magnitude = hn::And(bits, hn::Set(du, 0x7fffffffu));
  const auto odd = hn::And(hn::ShiftRight<13>(magnitude), hn::Set(du, 1u));
  const auto normal = hn::ShiftRight<13>(hn::Add(magnitude, hn::Add(odd, hn::Set(du, 0xfffu - 0x38000000u))));
  const auto aligned = hn::BitCast(du, hn::Add(hn::BitCast(d, magnitude), hn::Set(d, 0.5f)));
  const auto subnormal = hn::Sub(aligned, hn::Set(du, 0x3f000000u));
  const auto nan = hn::Or(hn::And(hn::ShiftRight<13>(magnitude), hn::Set(du, 0x3ffu)), hn::Set(du, 0x7e00u));
  auto result = hn::IfThenElse(hn::Lt(magnitude, hn::Set(du, 0x38800000u)), subnormal, normal);
  result = hn::IfThenElse(hn::Gt(magnitude, hn::Set(du, 0x477fefffu)), hn::Set(du, 0x7c00u), result);
  result = hn::IfThenElse(hn::Gt(magnitude, hn::Set(du, 0x7f800000u)), nan, result);
  return hn::DemoteTo(Bits<D>(), hn::BitCast(di, hn::Or(sign, result)));
}
#endif

// --- A single element, a vector, the first lanes of a vector, a row ---

HWY_INLINE float Widen(Half x) { return to_float(x); }
HWY_INLINE float Widen(BFloat16 x) { return to_float(x); }
template <class T>
HWY_INLINE T Widen(T x) {
  return x;
}

template <class D, class T>
HWY_INLINE hn::Vec<D> LoadWide(D d, const T* p) {
  if constexpr (sizeof(T) == 2) {
    return WidenBits(d, hn::LoadU(Bits<D>(), &p->bits), T());
  } else {
    return hn::LoadU(d, p);
  }
}

template <class D, class T>
HWY_INLINE hn::Vec<D> LoadWideFirst(D d, const T* p, size_t n) {
  if constexpr (sizeof(T) == 2) {
    return WidenBits(d, LoadFirst(Bits<D>(), &p->bits, n), T());
  } else {
    return LoadFirst(d, p, n);
  }
}

template <class D, class T>
HWY_INLINE void StoreNarrow(hn::Vec<D> x, D d, T* p) {
  if constexpr (sizeof(T) == 2) {
    hn::StoreU(NarrowToBits(d, x, T()), Bits<D>(), &p->bits);
  } else {
    hn::StoreU(x, d, p);
  }
}

template <class D, class T>
HWY_INLINE void StoreNarrowFirst(hn::Vec<D> x, D d, T* p, size_t n) {
  if constexpr (sizeof(T) == 2) {
    StoreFirst(NarrowToBits(d, x, T()), Bits<D>(), &p->bits, n);
  } else {
    StoreFirst(x, d, p, n);
  }
}

template <class T>
HWY_INLINE void WidenRow(int64_t count, const T* from, float* to) {
  const hn::ScalableTag<float> d;
  constexpr int64_t kLanes = static_cast<int64_t>(hn::MaxLanes(d));
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) hn::StoreU(LoadWide(d, from + i), d, to + i);
  for (; i < count; ++i) to[i] = Widen(from[i]);
}

}  // namespace HWY_NAMESPACE
}  // namespace ts::cpu
HWY_AFTER_NAMESPACE();

#endif  // include guard
