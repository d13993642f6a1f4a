// Vec<T> and Mask<T>: a SIMD register of floats or doubles with the operators of a number, so that the functors of
// backend/pointwise.h read as formulas. These are thin wrappers over Highway, one set for each instruction set;
// everything is inline and adds no cost. The function names are those of backend/scalar_math.h.
#if defined(TS_CPU_VEC_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef TS_CPU_VEC_INL_H_
#undef TS_CPU_VEC_INL_H_
#else
#define TS_CPU_VEC_INL_H_
#endif

#include <hwy/highway.h>

#include <cstdint>
#include <limits>
#include <type_traits>

HWY_BEFORE_NAMESPACE();
namespace ts::cpu {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// Truth values, one for each lane of a Vec<T>. && and || combine lanes and always evaluate both sides.
template <class T>
struct Mask {
  using D = hn::ScalableTag<T>;
  using Raw = hn::Mask<D>;

  HWY_INLINE Mask() = default;
  HWY_INLINE explicit Mask(Raw value) : raw(value) {}

  friend HWY_INLINE Mask operator&&(Mask a, Mask b) { return Mask(hn::And(a.raw, b.raw)); }
  friend HWY_INLINE Mask operator||(Mask a, Mask b) { return Mask(hn::Or(a.raw, b.raw)); }
  friend HWY_INLINE Mask operator!=(Mask a, Mask b) { return Mask(hn::Xor(a.raw, b.raw)); }
  friend HWY_INLINE Mask operator!(Mask a) { return Mask(hn::Not(a.raw)); }

  Raw raw;
};

template <class T>
struct Vec {
  using Scalar = T;
  using D = hn::ScalableTag<T>;
  using Raw = hn::Vec<D>;
  static constexpr size_t kLanes = HWY_LANES(T);

  HWY_INLINE Vec() = default;
  HWY_INLINE explicit Vec(Raw value) : raw(value) {}
  template <class S, class = std::enable_if_t<std::is_arithmetic_v<S>>>
  HWY_INLINE explicit Vec(S value) : raw(hn::Set(D(), static_cast<T>(value))) {}

  static HWY_INLINE Vec load(const T* from) { return Vec(hn::LoadU(D(), from)); }
  HWY_INLINE void store(T* to) const { hn::StoreU(raw, D(), to); }

  friend HWY_INLINE Vec operator+(Vec a, Vec b) { return Vec(hn::Add(a.raw, b.raw)); }
  friend HWY_INLINE Vec operator-(Vec a, Vec b) { return Vec(hn::Sub(a.raw, b.raw)); }
  friend HWY_INLINE Vec operator*(Vec a, Vec b) { return Vec(hn::Mul(a.raw, b.raw)); }
  friend HWY_INLINE Vec operator/(Vec a, Vec b) { return Vec(hn::Div(a.raw, b.raw)); }
  friend HWY_INLINE Vec operator-(Vec a) { return Vec(hn::Neg(a.raw)); }

  friend HWY_INLINE Mask<T> operator==(Vec a, Vec b) { return Mask<T>(hn::Eq(a.raw, b.raw)); }
  // Not hn::Ne, which on x86 reports NaN as equal to itself.
  friend HWY_INLINE Mask<T> operator!=(Vec a, Vec b) { return Mask<T>(hn::Not(hn::Eq(a.raw, b.raw))); }
  friend HWY_INLINE Mask<T> operator<(Vec a, Vec b) { return Mask<T>(hn::Lt(a.raw, b.raw)); }
  friend HWY_INLINE Mask<T> operator<=(Vec a, Vec b) { return Mask<T>(hn::Le(a.raw, b.raw)); }
  friend HWY_INLINE Mask<T> operator>(Vec a, Vec b) { return Mask<T>(hn::Gt(a.raw, b.raw)); }
  friend HWY_INLINE Mask<T> operator>=(Vec a, Vec b) { return Mask<T>(hn::Ge(a.raw, b.raw)); }

  Raw raw;
};

template <class T>
HWY_INLINE Vec<T> select(Mask<T> condition, Vec<T> yes, Vec<T> no) {
  return Vec<T>(hn::IfThenElse(condition.raw, yes.raw, no.raw));
}

template <class T>
HWY_INLINE bool any(Mask<T> mask) {
  return !hn::AllFalse(typename Mask<T>::D(), mask.raw);
}

/// a * b + c, rounded once if the machine has a fused multiply-add, else twice.
template <class T>
HWY_INLINE Vec<T> mul_add(Vec<T> a, Vec<T> b, Vec<T> c) {
  return Vec<T>(hn::MulAdd(a.raw, b.raw, c.raw));
}

/// c - a * b, rounded likewise.
template <class T>
HWY_INLINE Vec<T> neg_mul_add(Vec<T> a, Vec<T> b, Vec<T> c) {
  return Vec<T>(hn::NegMulAdd(a.raw, b.raw, c.raw));
}

template <class T>
HWY_INLINE Vec<T> abs(Vec<T> x) {
  return Vec<T>(hn::Abs(x.raw));
}
template <class T>
HWY_INLINE Vec<T> sqrt(Vec<T> x) {
  return Vec<T>(hn::Sqrt(x.raw));
}
template <class T>
HWY_INLINE Vec<T> floor(Vec<T> x) {
  return Vec<T>(hn::Floor(x.raw));
}
template <class T>
HWY_INLINE Vec<T> ceil(Vec<T> x) {
  return Vec<T>(hn::Ceil(x.raw));
}
template <class T>
HWY_INLINE Vec<T> trunc(Vec<T> x) {
  return Vec<T>(hn::Trunc(x.raw));
}
template <class T>
HWY_INLINE Vec<T> round_even(Vec<T> x) {
  return Vec<T>(hn::Round(x.raw));
}
template <class T>
HWY_INLINE Vec<T> copysign(Vec<T> magnitude, Vec<T> sign) {
  return Vec<T>(hn::CopySign(magnitude.raw, sign.raw));
}

template <class T>
HWY_INLINE Mask<T> isnan(Vec<T> x) {
  return Mask<T>(hn::IsNaN(x.raw));
}
template <class T>
HWY_INLINE Mask<T> signbit(Vec<T> x) {
  return copysign(Vec<T>(1), x) < Vec<T>(0);
}

/// The smaller and the larger of two operands, by the machine's instruction; only for operands that are known not to
/// be NaN.
template <class T>
HWY_INLINE Vec<T> quick_min(Vec<T> a, Vec<T> b) {
  return Vec<T>(hn::Min(a.raw, b.raw));
}
template <class T>
HWY_INLINE Vec<T> quick_max(Vec<T> a, Vec<T> b) {
  return Vec<T>(hn::Max(a.raw, b.raw));
}

// ---------------------------------------------------------------------------------------------------------------------
// The bits of floating-point numbers
// ---------------------------------------------------------------------------------------------------------------------

template <class T>
struct FloatFormat;
template <>
struct FloatFormat<float> {
  using Bits = uint32_t;
  static constexpr int kMantissaBits = 23;
  static constexpr int kBias = 127;
};
template <>
struct FloatFormat<double> {
  using Bits = uint64_t;
  static constexpr int kMantissaBits = 52;
  static constexpr int kBias = 1023;
};

/// Unsigned integers of the same width in the lanes of a Vec<T>.
template <class T>
using BitsTag = hn::ScalableTag<typename FloatFormat<T>::Bits>;
template <class T>
using BitsVec = hn::Vec<BitsTag<T>>;

template <class T>
HWY_INLINE BitsVec<T> bits_of(Vec<T> x) {
  return hn::BitCast(BitsTag<T>(), x.raw);
}
template <class T>
HWY_INLINE Vec<T> from_bits(BitsVec<T> bits) {
  return Vec<T>(hn::BitCast(typename Vec<T>::D(), bits));
}

/// 2^k for integral k in the range of normal exponents. Adding 1.5 * 2^mantissa_bits + bias leaves k + bias in the
/// low bits of the sum; shifted up, they become the exponent. This is cheaper than a conversion, which AVX2 lacks for
/// 64 bits.
template <class T>
HWY_INLINE Vec<T> power_of_two(Vec<T> k) {
  using Format = FloatFormat<T>;
  const T magic = static_cast<T>(3ull << (Format::kMantissaBits - 1)) + Format::kBias;
  return from_bits<T>(hn::ShiftLeft<Format::kMantissaBits>(bits_of(k + Vec<T>(magic))));
}

/// x * 2^k for integral k within twice the range of exponents, rounded once even if the result underflows. Done in two
/// steps, as 2^k itself may be out of range, or with the AVX-512 instruction for it.
template <class T>
HWY_INLINE Vec<T> scale(Vec<T> x, Vec<T> k) {
#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX3
  if constexpr (sizeof(T) == 4) {
    return Vec<T>(typename Vec<T>::Raw{_mm512_scalef_ps(x.raw.raw, k.raw.raw)});
  } else {
    return Vec<T>(typename Vec<T>::Raw{_mm512_scalef_pd(x.raw.raw, k.raw.raw)});
  }
#else
  const Vec<T> half = floor(k * Vec<T>(0.5));
  return x * power_of_two(half) * power_of_two(k - half);
#endif
}

/// x = mantissa * 2^exponent with mantissa in [sqrt(1/2), sqrt(2)), for positive finite x, including subnormal numbers.
template <class T>
HWY_INLINE void split_exponent(Vec<T> x, Vec<T>& mantissa, Vec<T>& exponent) {
  using Format = FloatFormat<T>;
  using Bits = typename Format::Bits;
  const BitsTag<T> d;
  const bool is_float = sizeof(T) == 4;
  const T smallest_normal = std::numeric_limits<T>::min();
  const T lift = static_cast<T>(1ull << (Format::kMantissaBits + 1));
  const Mask<T> subnormal = x < Vec<T>(smallest_normal);
  x = select(subnormal, x * Vec<T>(lift), x);
  const Bits one = static_cast<Bits>(Format::kBias) << Format::kMantissaBits;
  const Bits sqrt_half = is_float ? static_cast<Bits>(0x3f3504f3) : static_cast<Bits>(0x3fe6a09e667f3bcdull);
  // Moving sqrt(1/2) to 1 makes the exponent change there.
  const BitsVec<T> moved = hn::Add(bits_of(x), hn::Set(d, one - sqrt_half));
  const BitsVec<T> biased = hn::ShiftRight<Format::kMantissaBits>(moved);
  const BitsVec<T> fraction = hn::And(moved, hn::Set(d, (Bits{1} << Format::kMantissaBits) - 1));
  mantissa = from_bits<T>(hn::Add(fraction, hn::Set(d, sqrt_half)));
  // An integer below 2^mantissa_bits, placed in the mantissa bits of that power of two, represents their sum.
  const T magic = static_cast<T>(1ull << Format::kMantissaBits);
  const Vec<T> sum = from_bits<T>(hn::Or(biased, bits_of(Vec<T>(magic))));
  exponent = sum - Vec<T>(magic + Format::kBias);
  exponent = select(subnormal, exponent - Vec<T>(Format::kMantissaBits + 1), exponent);
}

// ---------------------------------------------------------------------------------------------------------------------
// Scalar code
// ---------------------------------------------------------------------------------------------------------------------

/// Calls a scalar function on each lane, for functions that are too rare or have too many branches for a
/// vector algorithm.
template <class T, class Function>
HWY_INLINE Vec<T> for_each_lane(Vec<T> x, Function function) {
  HWY_ALIGN T lanes[Vec<T>::kLanes];
  x.store(lanes);
  for (size_t i = 0; i < Vec<T>::kLanes; ++i) lanes[i] = function(lanes[i]);
  return Vec<T>::load(lanes);
}

template <class T, class Function>
HWY_INLINE Vec<T> for_each_lane(Vec<T> x, Vec<T> y, Function function) {
  HWY_ALIGN T x_lanes[Vec<T>::kLanes];
  HWY_ALIGN T y_lanes[Vec<T>::kLanes];
  x.store(x_lanes);
  y.store(y_lanes);
  for (size_t i = 0; i < Vec<T>::kLanes; ++i) x_lanes[i] = function(x_lanes[i], y_lanes[i]);
  return Vec<T>::load(x_lanes);
}

/// Calls a function of Vec<double> on both halves of a Vec<float> and rounds the results. Since double has 29 more
/// bits, an algorithm that is accurate for double is correctly rounded for float except in rare near-ties.
template <class Function>
HWY_INLINE Vec<float> in_double(Vec<float> x, Function function) {
  const hn::ScalableTag<double> dd;
#if HWY_TARGET == HWY_SCALAR
  // Not DemoteTo, which turns infinities into finite numbers here.
  return Vec<float>(static_cast<float>(function(Vec<double>(hn::PromoteTo(dd, x.raw))).raw.raw));
#else
  const hn::ScalableTag<float> df;
  const hn::Half<decltype(df)> dh;
  const Vec<double> low = function(Vec<double>(hn::PromoteTo(dd, hn::LowerHalf(dh, x.raw))));
  const Vec<double> high = function(Vec<double>(hn::PromoteTo(dd, hn::UpperHalf(dh, x.raw))));
  return Vec<float>(hn::Combine(df, hn::DemoteTo(dh, high.raw), hn::DemoteTo(dh, low.raw)));
#endif
}

template <class Function>
HWY_INLINE Vec<float> in_double(Vec<float> x, Vec<float> y, Function function) {
  const hn::ScalableTag<double> dd;
#if HWY_TARGET == HWY_SCALAR
  return Vec<float>(static_cast<float>(
      function(Vec<double>(hn::PromoteTo(dd, x.raw)), Vec<double>(hn::PromoteTo(dd, y.raw))).raw.raw));
#else
  const hn::ScalableTag<float> df;
  const hn::Half<decltype(df)> dh;
  const Vec<double> low = function(Vec<double>(hn::PromoteTo(dd, hn::LowerHalf(dh, x.raw))),
                                   Vec<double>(hn::PromoteTo(dd, hn::LowerHalf(dh, y.raw))));
  const Vec<double> high = function(Vec<double>(hn::PromoteTo(dd, hn::UpperHalf(dh, x.raw))),
                                    Vec<double>(hn::PromoteTo(dd, hn::UpperHalf(dh, y.raw))));
  return Vec<float>(hn::Combine(df, hn::DemoteTo(dh, high.raw), hn::DemoteTo(dh, low.raw)));
#endif
}

}  // namespace HWY_NAMESPACE
}  // namespace ts::cpu
HWY_AFTER_NAMESPACE();

#endif  // include guard
