// Elementary functions of SIMD vectors, named as in the C library. Results are within 4 ULP of the exact value over the
// whole range (tests/native/vec_math_test.cpp), and NaN, infinities, signed zeros and subnormal numbers are treated as
// in C99.
//
// Functions that networks use a lot (exp, log, tanh, erf and related ones) have their own float algorithm. The other
// float functions call the double version, which makes no difference in a memory-bound loop. Functions that are rare,
// or that have no good branch-free form, fall back to scalar code, lane by lane.
//
// The error-free steps below (Cody and Waite's reductions, two_product) state explicitly where operations may be fused.
// Compile with -ffp-contract=off; otherwise GCC fuses others as well.
#if defined(TS_CPU_VEC_MATH_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef TS_CPU_VEC_MATH_INL_H_
#undef TS_CPU_VEC_MATH_INL_H_
#else
#define TS_CPU_VEC_MATH_INL_H_
#endif

#include "backend/scalar_math.h"
#include "cpu/vec-inl.h"

HWY_BEFORE_NAMESPACE();
namespace ts::cpu {
namespace HWY_NAMESPACE {

using VecF = Vec<float>;
using VecD = Vec<double>;

template <class T>
HWY_INLINE Vec<T> infinity() {
  return Vec<T>(std::numeric_limits<T>::infinity());
}
template <class T>
HWY_INLINE Vec<T> not_a_number() {
  return Vec<T>(std::numeric_limits<T>::quiet_NaN());
}

/// c0 + c1 x + c2 x^2 + ... evaluated in pairs, (c0 + c1 x) + x^2 ((c2 + c3 x) + x^2 (...)): as many operations as
/// Horner's rule and one multiplication more, but a dependency chain of half the length. The number of vectors in
/// flight at once is limited by the operations that wait in the processor's scheduler, so the length of the chain
/// determines the speed.
template <class T, class... Coefficients>
HWY_INLINE Vec<T> polynomial_in_pairs(Vec<T> x, Vec<T> square, double c0, Coefficients... rest) {
  if constexpr (sizeof...(rest) == 0) {
    return Vec<T>(c0);
  } else {
    return [&](double c1, auto... others) HWY_ATTR {
      const Vec<T> pair = mul_add(x, Vec<T>(c1), Vec<T>(c0));
      if constexpr (sizeof...(others) == 0) {
        return pair;
      } else {
        return mul_add(square, polynomial_in_pairs(x, square, others...), pair);
      }
    }(rest...);
  }
}
template <class T, class... Coefficients>
HWY_INLINE Vec<T> polynomial(Vec<T> x, Coefficients... coefficients) {
  return polynomial_in_pairs(x, x * x, coefficients...);
}

// NaN is passed through: if one operand is NaN, x86's min and max return the second operand, and other machines
// return NaN.
template <class T>
HWY_INLINE Vec<T> clamp_keep_nan(Vec<T> x, double low, double high) {
#if HWY_TARGET == HWY_SCALAR
  x = select(x < Vec<T>(low), Vec<T>(low), x);
  return select(x > Vec<T>(high), Vec<T>(high), x);
#else
  return quick_min(Vec<T>(high), quick_max(Vec<T>(low), x));
#endif
}

// ---------------------------------------------------------------------------------------------------------------------
// Exponentials: x = k ln 2 + r with integral k and |r| <= ln(2) / 2, then exp(x) = 2^k (1 + r + r^2 q(r))
// ---------------------------------------------------------------------------------------------------------------------

// r + r^2 q(r) = exp(r) - 1 for |r| <= ln(2) / 2.
// float: q by Remez's exchange, relative error 2^-28. double: the Taylor series, next term below 2^-57.
HWY_INLINE VecF expm1_reduced(VecF r) {
  const VecF q = polynomial(r, 0.499999931, 0.166665148, 0.0416684568, 0.00836941885, 0.00138131436);
  return mul_add(r * r, q, r);
}
HWY_INLINE VecD expm1_reduced(VecD r) {
  const VecD q = polynomial(r, 1.0 / 2, 1.0 / 6, 1.0 / 24, 1.0 / 120, 1.0 / 720, 1.0 / 5040, 1.0 / 40320, 1.0 / 362880,
                            1.0 / 3628800, 1.0 / 39916800, 1.0 / 479001600, 1.0 / 6227020800.0);
  return mul_add(r * r, q, r);
}

// Cody and Waite's reduction: ln 2 is split into two parts, the first so short that k times it is exact. The parts for
// float are from Cephes, those for double from fdlibm.
HWY_INLINE VecF reduce_by_ln2(VecF x, VecF k) {
  return neg_mul_add(k, VecF(-2.12194440e-4), neg_mul_add(k, VecF(0.693359375), x));
}
HWY_INLINE VecD reduce_by_ln2(VecD x, VecD k) {
  return neg_mul_add(k, VecD(1.90821492927058770002e-10), neg_mul_add(k, VecD(6.93147180369123816490e-01), x));
}

// Beyond these bounds exp has already overflowed or underflowed, and the exponents still fit scale().
HWY_INLINE VecF clamp_exponent(VecF x) { return clamp_keep_nan(x, -105, 90); }
HWY_INLINE VecD clamp_exponent(VecD x) { return clamp_keep_nan(x, -750, 712); }

/// exp(x) * 2^shift without intermediate overflow.
template <class T>
HWY_INLINE Vec<T> exp_shifted(Vec<T> x, double shift) {
  x = clamp_exponent(x);
  const Vec<T> k = round_even(x * Vec<T>(1.44269504088896340736));
  return scale(Vec<T>(1) + expm1_reduced(reduce_by_ln2(x, k)), k + Vec<T>(shift));
}

template <class T>
HWY_INLINE Vec<T> exp(Vec<T> x) {
  return exp_shifted(x, 0);
}

template <class T>
HWY_INLINE Vec<T> exp2(Vec<T> x) {
  x = clamp_keep_nan(x, sizeof(T) == 4 ? -151 : -1080, sizeof(T) == 4 ? 129 : 1025);
  const Vec<T> k = round_even(x);
  return scale(Vec<T>(1) + expm1_reduced((x - k) * Vec<T>(0.69314718055994530942)), k);
}

/// exp(x) - 1 = 2^k ((exp(r) - 1) + (1 - 2^-k)), where for k = 0 there is only one rounding.
template <class T>
HWY_INLINE Vec<T> expm1(Vec<T> x) {
  // Below the first bound the result is -1. The clamping keeps 2^-k a normal number.
  const bool is_float = sizeof(T) == 4;
  const Vec<T> clamped = clamp_keep_nan(x, is_float ? -30 : -60, is_float ? 90 : 712);
  const Vec<T> k = round_even(clamped * Vec<T>(1.44269504088896340736));
  const Vec<T> p = expm1_reduced(reduce_by_ln2(clamped, k));
  const Vec<T> inverse = power_of_two(quick_max(-k, Vec<T>(-100)));
  return copysign(scale(p + (Vec<T>(1) - inverse), k), x);
}

// ---------------------------------------------------------------------------------------------------------------------
// Logarithms: x = 2^k (1 + f) with 1 + f in [sqrt(1/2), sqrt(2)), then log x = k ln 2 + log(1 + f)
// ---------------------------------------------------------------------------------------------------------------------

// The results of a logarithm for arguments that are not positive and finite.
template <class T>
HWY_INLINE Vec<T> log_specials(Vec<T> x, Vec<T> result) {
  result = select(x < infinity<T>(), result, x);  // +inf and NaN
  result = select(x == Vec<T>(0), -infinity<T>(), result);
  return select(x < Vec<T>(0), not_a_number<T>(), result);
}

// log(1 + f) = f - f^2/2 + f^3 R(f); R from Remez's exchange algorithm, relative error 2^-30; the order of summation is
// from Cephes.
HWY_INLINE VecF log(VecF x) {
  VecF m, k;
  split_exponent(x, m, k);
  const VecF f = m - VecF(1);
  const VecF square = f * f;
  const VecF r = polynomial(f, 0.333333126, -0.250000096, 0.200021187, -0.166679958, 0.142195524, -0.124055892,
                            0.118881621, -0.116756503, 0.0674663908);
  VecF y = mul_add(k, VecF(-2.12194440e-4), square * f * r);
  y = neg_mul_add(VecF(0.5), square, y);
  return log_specials(x, mul_add(k, VecF(0.693359375), f + y));
}

// The kernel of fdlibm: with s = f / (2 + f), log(1 + f) = f - f^2/2 + s (f^2/2 + R(s^2)). Returns the last term.
HWY_INLINE VecD log1p_tail(VecD f, VecD half_square) {
  const VecD s = f / (VecD(2) + f);
  const VecD z = s * s;
  const VecD r = z * polynomial(z, 6.666666666666735130e-01, 3.999999999940941908e-01, 2.857142874366239149e-01,
                                2.222219843214978396e-01, 1.818357216161805012e-01, 1.531383769920937332e-01,
                                1.479819860511658591e-01);
  return s * (half_square + r);
}

HWY_INLINE VecD log(VecD x) {
  VecD m, k;
  split_exponent(x, m, k);
  const VecD f = m - VecD(1);
  const VecD half_square = VecD(0.5) * f * f;
  const VecD low = mul_add(k, VecD(1.90821492927058770002e-10), log1p_tail(f, half_square));
  return log_specials(x, mul_add(k, VecD(6.93147180369123816490e-01), f - (half_square - low)));
}

// log(1 + f) as a sum of two parts. The first has only the upper half of the bits, so its product with an equally short
// constant is exact (FreeBSD's e_log2.c and e_log10.c).
HWY_INLINE void log1p_in_two(VecD f, VecD& high, VecD& low) {
  const VecD half_square = VecD(0.5) * f * f;
  const VecD head = f - half_square;
  high = from_bits<double>(hn::And(bits_of(head), hn::Set(BitsTag<double>(), 0xffffffff00000000ull)));
  low = ((f - high) - half_square) + log1p_tail(f, half_square);
}

HWY_INLINE VecD log2(VecD x) {
  VecD m, k, high, low;
  split_exponent(x, m, k);
  log1p_in_two(m - VecD(1), high, low);
  const VecD inverse_high(1.44269504072144627571e+00), inverse_low(1.67517131648865118353e-10);  // 1 / ln 2
  const VecD head = high * inverse_high;
  const VecD tail = (low + high) * inverse_low + low * inverse_high;
  const VecD sum = k + head;
  return log_specials(x, sum + (tail + ((k - sum) + head)));
}

HWY_INLINE VecD log10(VecD x) {
  VecD m, k, high, low;
  split_exponent(x, m, k);
  log1p_in_two(m - VecD(1), high, low);
  const VecD inverse_high(4.34294481878168880939e-01), inverse_low(2.50829467116452752298e-11);  // 1 / ln 10
  const VecD head = high * inverse_high;
  const VecD whole = k * VecD(3.01029995663611771306e-01);  // k log10(2), also in two parts
  const VecD tail = k * VecD(3.69423907715893078616e-13) + (low + high) * inverse_low + low * inverse_high;
  const VecD sum = whole + head;
  return log_specials(x, sum + (tail + ((whole - sum) + head)));
}

HWY_INLINE VecF log2(VecF x) {
  return in_double(x, [](VecD v) HWY_ATTR { return log2(v); });
}
HWY_INLINE VecF log10(VecF x) {
  return in_double(x, [](VecD v) HWY_ATTR { return log10(v); });
}

/// With u = 1 + x rounded, and c the rounding error: log(1 + x) = log(u) + log(1 + c/u) = log(u) + c/u to first order;
/// the second-order term is below the last bit.
template <class T>
HWY_INLINE Vec<T> log1p(Vec<T> x) {
  const Vec<T> one(1);
  const Vec<T> u = one + x;
  const Vec<T> x_rounded = u - one;
  const Vec<T> c = (one - (u - x_rounded)) + (x - x_rounded);  // Knuth's two-sum
  const Vec<T> log_u = log(u);
  const Vec<T> result = select(u > Vec<T>(0) && u < infinity<T>(), log_u + c / u, log_u);
  return select(x == Vec<T>(0), x, result);  // keeps -0
}

// ---------------------------------------------------------------------------------------------------------------------
// Trigonometric functions
// ---------------------------------------------------------------------------------------------------------------------

// Cody and Waite's reduction in three steps of 33 bits (constants of fdlibm): x = n pi/2 + r + tail, |r| <= pi/4,
// accurate to 151 bits. n times each part is exact for |n| < 2^20, hence kLargestAngle; larger angles are passed to the
// C library.
constexpr double kLargestAngle = 1.6e6;

struct ReducedAngle {
  VecD n, r, tail;
};

HWY_INLINE ReducedAngle reduce_angle(VecD x) {
  const VecD n = round_even(x * VecD(6.36619772367581382433e-01));
  const VecD r1 = neg_mul_add(n, VecD(1.57079632673412561417e+00), x);
  const VecD w2 = n * VecD(6.07710050630396597660e-11);
  const VecD r2 = r1 - w2;
  const VecD lost2 = (r1 - r2) - w2;
  const VecD w3 = n * VecD(2.02226624871116645580e-21);
  const VecD r3 = r2 - w3;
  const VecD lost3 = (r2 - r3) - w3;
  const VecD rest = neg_mul_add(n, VecD(8.47842766036889956997e-32), lost2 + lost3);
  const VecD r = r3 + rest;
  return {n, r, (r3 - r) + rest};
}

// Minimax polynomials on [-pi/4, pi/4] from fdlibm's k_sin.c and k_cos.c.
HWY_INLINE VecD sin_reduced(VecD r, VecD tail) {
  const VecD z = r * r;
  const VecD cube = z * r;
  const VecD s = polynomial(z, 8.33333333332248946124e-03, -1.98412698298579493134e-04, 2.75573137070700676789e-06,
                            -2.50507602534068634195e-08, 1.58969099521155010221e-10);
  const VecD inner = z * (VecD(0.5) * tail - cube * s) - tail;
  return r - (inner + cube * VecD(1.66666666666666324348e-01));
}
HWY_INLINE VecD cos_reduced(VecD r, VecD tail) {
  const VecD z = r * r;
  const VecD c = z * polynomial(z, 4.16666666666666019037e-02, -1.38888888888741095749e-03, 2.48015872894767294178e-05,
                                -2.75573143513906633035e-07, 2.08757232129817482790e-09, -1.13596475577881948265e-11);
  const VecD half = VecD(0.5) * z;
  const VecD w = VecD(1) - half;
  return w + (((VecD(1) - w) - half) + (z * c - r * tail));
}

// The sine of n pi/2 + r, from the sine and cosine of r. Adding 1.5 * 2^52 moves the last two bits of n to the end of
// the mantissa; they select the function and the sign.
HWY_INLINE VecD sin_from_quadrant(VecD n, VecD sine, VecD cosine) {
  const BitsTag<double> d;
  const BitsVec<double> bits = bits_of(n + VecD(0x1.8p52));
  const Mask<double> odd(hn::RebindMask(VecD::D(), hn::TestBit(bits, hn::Set(d, 1))));
  const BitsVec<double> sign = hn::ShiftLeft<62>(hn::And(bits, hn::Set(d, 2)));
  return from_bits<double>(hn::Xor(bits_of(select(odd, cosine, sine)), sign));
}

/// sin(x + quadrant pi/2)
HWY_INLINE VecD sin_in_quadrant(VecD x, double quadrant) {
  const ReducedAngle a = reduce_angle(x);
  return sin_from_quadrant(a.n + VecD(quadrant), sin_reduced(a.r, a.tail), cos_reduced(a.r, a.tail));
}

// The same with the accuracy of float: no tail, and polynomials of half the length (FreeBSD's k_sinf.c and k_cosf.c).
HWY_INLINE VecD sin_in_quadrant_for_float(VecD x, double quadrant) {
  const VecD n = round_even(x * VecD(6.36619772367581382433e-01));
  VecD r = neg_mul_add(n, VecD(1.57079632673412561417e+00), x);
  r = neg_mul_add(n, VecD(6.07710050630396597660e-11), r);
  r = neg_mul_add(n, VecD(2.02226624879595063154e-21), r);
  const VecD z = r * r;
  const VecD sine = mul_add(r * z, polynomial(z, -0x15555554cbac77.0p-55, 0x111110896efbb2.0p-59,
                                              -0x1a00f9e2cae774.0p-65, 0x16cd878c3b46a7.0p-71), r);
  const VecD cosine = polynomial(z, 1.0, -0x1ffffffd0c5e81.0p-54, 0x155553e1053a42.0p-57, -0x16c087e80f1e27.0p-62,
                                 0x199342e0ee5069.0p-68);
  return sin_from_quadrant(n + VecD(quadrant), sine, cosine);
}

// Replaces the lanes with large angles by the C library's result.
template <class T, class Function>
HWY_INLINE Vec<T> with_large_angles(Vec<T> x, Vec<T> result, Function scalar) {
  const Mask<T> large = abs(x) > Vec<T>(kLargestAngle);
  if (HWY_UNLIKELY(any(large))) result = select(large, for_each_lane(x, scalar), result);
  return result;
}

HWY_INLINE VecD sin(VecD x) {
  const VecD result = select(x == VecD(0), x, sin_in_quadrant(x, 0));  // keeps -0
  return with_large_angles(x, result, [](double v) HWY_ATTR { return ::sin(v); });
}
HWY_INLINE VecD cos(VecD x) {
  return with_large_angles(x, sin_in_quadrant(x, 1), [](double v) HWY_ATTR { return ::cos(v); });
}
HWY_INLINE VecD tan(VecD x) {
  const ReducedAngle a = reduce_angle(x);
  const VecD sine = sin_reduced(a.r, a.tail);
  const VecD cosine = cos_reduced(a.r, a.tail);
  const BitsVec<double> bits = bits_of(a.n + VecD(0x1.8p52));
  const Mask<double> odd(hn::RebindMask(VecD::D(), hn::TestBit(bits, hn::Set(BitsTag<double>(), 1))));
  const VecD quotient = select(odd, -cosine, sine) / select(odd, sine, cosine);
  const VecD result = select(x == VecD(0), x, quotient);
  return with_large_angles(x, result, [](double v) HWY_ATTR { return ::tan(v); });
}

// (asin(x) - x) / x as a function of z = x^2 <= 1/4: fdlibm's rational approximation.
HWY_INLINE VecD asin_excess(VecD z) {
  const VecD p = z * polynomial(z, 1.66666666666666657415e-01, -3.25565818622400915405e-01, 2.01212532134862925881e-01,
                                -4.00555345006794114027e-02, 7.91534994289814532176e-04, 3.47933107596021167570e-05);
  const VecD q = polynomial(z, 1.0, -2.40339491173441421878e+00, 2.02094576023350569471e+00,
                            -6.88283971605453293030e-01, 7.70381505559019352791e-02);
  return p / q;
}

constexpr double kHalfPi = 1.57079632679489655800e+00, kHalfPiLow = 6.12323399573676603587e-17;

/// For x above 1/2: asin(x) = pi/2 - 2 asin(sqrt((1 - x) / 2)).
HWY_INLINE VecD asin(VecD x) {
  const VecD a = abs(x);
  const Mask<double> small = a < VecD(0.5);
  const VecD z = select(small, a * a, (VecD(1) - a) * VecD(0.5));
  const VecD y = select(small, a, sqrt(z));
  const VecD inner = mul_add(y, asin_excess(z), y);
  const VecD outer = VecD(kHalfPi) - (VecD(2) * inner - VecD(kHalfPiLow));
  return copysign(select(small, inner, outer), x);
}

/// pi/2 - asin(x) for |x| < 1/2; 2 asin(sqrt((1 - x) / 2)) for larger x; pi - acos(-x) for x below -1/2.
HWY_INLINE VecD acos(VecD x) {
  const VecD a = abs(x);
  const Mask<double> small = a < VecD(0.5);
  const VecD z = select(small, a * a, (VecD(1) - a) * VecD(0.5));
  const VecD y = select(small, x, sqrt(z));
  const VecD excess = y * asin_excess(z);
  const VecD middle = VecD(kHalfPi) - (y - (VecD(kHalfPiLow) - excess));
  const VecD right = VecD(2) * (y + excess);
  const VecD left = VecD(2) * (VecD(kHalfPi) - (y + (excess - VecD(kHalfPiLow))));
  return select(small, middle, select(x > VecD(0), right, left));
}

/// fdlibm's algorithm: |x| is reduced to the neighbourhood of one of the angles 0, atan(1/2), atan(1), atan(3/2), pi/2
/// by atan(x) = atan(c) + atan((x - c) / (1 + c x)).
HWY_INLINE VecD atan(VecD x) {
  const VecD a = abs(x);
  const VecD one(1), zero(0);
  VecD numerator = a, denominator = one, high = zero, low = zero;
  const auto from = [&](double bound, VecD n, VecD d, double angle, double angle_low) HWY_ATTR {
    const Mask<double> above = a >= VecD(bound);
    numerator = select(above, n, numerator);
    denominator = select(above, d, denominator);
    high = select(above, VecD(angle), high);
    low = select(above, VecD(angle_low), low);
  };
  from(7.0 / 16, a + a - one, a + VecD(2), 4.63647609000806093515e-01, 2.26987774529616870924e-17);
  from(11.0 / 16, a - one, a + one, 7.85398163397448278999e-01, 3.06161699786838301793e-17);
  from(19.0 / 16, a - VecD(1.5), one + VecD(1.5) * a, 9.82793723247329054082e-01, 1.39033110312309984516e-17);
  from(39.0 / 16, VecD(-1), a, kHalfPi, kHalfPiLow);
  const VecD t = numerator / denominator;
  const VecD z = t * t;
  const VecD excess =
      z * polynomial(z, 3.33333333333329318027e-01, -1.99999999998764832476e-01, 1.42857142725034663711e-01,
                     -1.11111104054623557880e-01, 9.09088713343650656196e-02, -7.69187620504482999495e-02,
                     6.66107313738753120669e-02, -5.83357013379057348645e-02, 4.97687799461593236017e-02,
                     -3.65315727442169155270e-02, 1.62858201153657823623e-02);
  return copysign(high - ((t * excess - low) - t), x);
}

HWY_INLINE VecD atan2(VecD y, VecD x) {
  const VecD a = abs(y), b = abs(x);
  VecD ratio = select(a == b, VecD(1), a / b);  // also if both are infinite
  ratio = select(a == VecD(0), VecD(0), ratio);
  const VecD right = atan(ratio);
  const VecD left = VecD(2 * kHalfPi) - (right - VecD(2 * kHalfPiLow));
  const VecD result = copysign(select(signbit(x), left, right), y);
  return select(isnan(x) || isnan(y), x + y, result);
}

HWY_INLINE VecF sin(VecF x) {
  const VecF result = in_double(x, [](VecD v) HWY_ATTR { return sin_in_quadrant_for_float(v, 0); });
  return with_large_angles(x, select(x == VecF(0), x, result), [](float v) HWY_ATTR { return ::sinf(v); });
}
HWY_INLINE VecF cos(VecF x) {
  const VecF result = in_double(x, [](VecD v) HWY_ATTR { return sin_in_quadrant_for_float(v, 1); });
  return with_large_angles(x, result, [](float v) HWY_ATTR { return ::cosf(v); });
}
HWY_INLINE VecF tan(VecF x) {
  return in_double(x, [](VecD v) HWY_ATTR { return tan(v); });
}
HWY_INLINE VecF asin(VecF x) {
  return in_double(x, [](VecD v) HWY_ATTR { return asin(v); });
}
HWY_INLINE VecF acos(VecF x) {
  return in_double(x, [](VecD v) HWY_ATTR { return acos(v); });
}
HWY_INLINE VecF atan(VecF x) {
  return in_double(x, [](VecD v) HWY_ATTR { return atan(v); });
}
HWY_INLINE VecF atan2(VecF y, VecF x) {
  return in_double(y, x, [](VecD v, VecD w) HWY_ATTR { return atan2(v, w); });
}

// ---------------------------------------------------------------------------------------------------------------------
// Hyperbolic functions
// ---------------------------------------------------------------------------------------------------------------------

/// With e = exp(|x|) / 2, which does not overflow before the result does: e - 1/(4e), or an expm1 form where
/// that cancels.
HWY_INLINE VecD sinh(VecD x) {
  const VecD a = abs(x);
  const VecD e = exp_shifted(a, -1);
  const VecD t = expm1(quick_min(VecD(1), a));
  const VecD near = VecD(0.5) * (t + t / (t + VecD(1)));
  return copysign(select(a < VecD(1), near, e - VecD(0.25) / e), x);
}

HWY_INLINE VecD cosh(VecD x) {
  const VecD e = exp_shifted(abs(x), -1);
  return e + VecD(0.25) / e;
}

/// With t = exp(2|x|) - 1: tanh |x| = t / (t + 2), which does not amplify the relative error of t.
template <class T>
HWY_INLINE Vec<T> tanh(Vec<T> x) {
  const Vec<T> t = expm1(clamp_keep_nan(abs(x), 0, sizeof(T) == 4 ? 10 : 20) * Vec<T>(2));
  return copysign(t / (t + Vec<T>(2)), x);
}

// Above this, 1 is negligible beside x, while x^2 is still far from overflow.
constexpr double kLargeArgument = 0x1p60;

HWY_INLINE VecD asinh(VecD x) {
  const VecD a = abs(x);
  const Mask<double> large = a > VecD(kLargeArgument);
  const VecD square = a * a;
  const VecD t = log1p(select(large, a, a + square / (VecD(1) + sqrt(VecD(1) + square))));
  return copysign(select(large, t + VecD(0.69314718055994530942), t), x);
}

HWY_INLINE VecD acosh(VecD x) {
  const Mask<double> large = x > VecD(kLargeArgument);
  const VecD t = x - VecD(1);
  const VecD y = log1p(select(large, x, t + sqrt(t * (t + VecD(2)))));
  return select(x < VecD(1), not_a_number<double>(), select(large, y + VecD(0.69314718055994530942), y));
}

HWY_INLINE VecD atanh(VecD x) {
  const VecD a = abs(x);
  const VecD twice = a + a;
  const VecD complement = VecD(1) - a;
  // 2a / (1 - a) = 2a + 2a a / (1 - a), which preserves the precision of a small a.
  const VecD t = select(a < VecD(0.5), twice + twice * a / complement, twice / complement);
  return copysign(VecD(0.5) * log1p(t), x);
}

HWY_INLINE VecF sinh(VecF x) {
  return in_double(x, [](VecD v) HWY_ATTR { return sinh(v); });
}
HWY_INLINE VecF cosh(VecF x) {
  return in_double(x, [](VecD v) HWY_ATTR { return cosh(v); });
}
HWY_INLINE VecF asinh(VecF x) {
  return in_double(x, [](VecD v) HWY_ATTR { return asinh(v); });
}
HWY_INLINE VecF acosh(VecF x) {
  return in_double(x, [](VecD v) HWY_ATTR { return acosh(v); });
}
HWY_INLINE VecF atanh(VecF x) {
  return in_double(x, [](VecD v) HWY_ATTR { return atanh(v); });
}

// ---------------------------------------------------------------------------------------------------------------------
// Powers: x^y = exp(y log |x|), with the sign of odd powers
// ---------------------------------------------------------------------------------------------------------------------

/// a * b = high + low exactly: by a fused multiply-add, or from halves of 26 bits (Dekker).
HWY_INLINE void two_product(VecD a, VecD b, VecD& high, VecD& low) {
  high = a * b;
#if HWY_NATIVE_FMA
  low = Vec<double>(hn::MulSub(a.raw, b.raw, high.raw));
#else
  const VecD splitter(134217729);  // 2^27 + 1
  const VecD a_scaled = splitter * a, b_scaled = splitter * b;
  const VecD a_high = a_scaled - (a_scaled - a), b_high = b_scaled - (b_scaled - b);
  const VecD a_low = a - a_high, b_low = b - b_high;
  low = ((a_high * b_high - high) + a_high * b_low + a_low * b_high) + a_low * b_low;
#endif
}

/// log(x) = high + low to 2^-66 for positive finite x. |y log(x)| reaches 745, so x^y needs about 64 bits. With s = (m
/// - 1) / (m + 1) and z = s^2: log m = 2 (s + s z (1/3 + z/5 + z^2/7 + ...)), where only the 1/3 is needed in two
/// parts, to twice double precision.
HWY_INLINE void log_in_two(VecD x, VecD& high, VecD& low) {
  VecD m, k;
  split_exponent(x, m, k);
  const VecD numerator = m - VecD(1);
  const VecD denominator = m + VecD(1);
  const VecD denominator_low = m - (denominator - VecD(1));
  const VecD s = numerator / denominator;
  VecD product, product_low;
  two_product(s, denominator, product, product_low);
  const VecD s_low = (((numerator - product) - product_low) - s * denominator_low) / denominator;

  VecD z, z_low;
  two_product(s, s, z, z_low);
  z_low = z_low + VecD(2) * s * s_low;
  const VecD rest = z * polynomial(z, 1.0 / 5, 1.0 / 7, 1.0 / 9, 1.0 / 11, 1.0 / 13, 1.0 / 15, 1.0 / 17, 1.0 / 19,
                                   1.0 / 21, 1.0 / 23, 1.0 / 25);
  const VecD third(1.0 / 3), third_low(1.8503717077085943e-17);
  const VecD t = third + rest;
  const VecD t_low = ((third - t) + rest) + third_low;

  VecD u, u_low;  // z t
  two_product(z, t, u, u_low);
  u_low = u_low + (z * t_low + z_low * t);
  VecD v, v_low;  // s z t
  two_product(s, u, v, v_low);
  v_low = v_low + (s * u_low + s_low * u);
  const VecD w = s + v;
  const VecD w_low = ((s - w) + v) + (s_low + v_low);

  // ln 2 in two parts; the first has 42 bits, so that k times it is exact.
  const VecD whole = k * VecD(0x1.62e42fefa3800p-1);
  const VecD twice = w + w;
  high = whole + twice;
  low = ((whole - high) + twice) + (VecD(2) * w_low + k * VecD(0x1.ef35793c76730p-45));
}

// Gives |x|^y its sign and applies C99's special cases.
HWY_INLINE VecD pow_specials(VecD x, VecD y, VecD magnitude) {
  const VecD a = abs(x), zero(0), one(1), inf = infinity<double>();
  const Mask<double> whole = trunc(y) == y;
  const VecD half = y * VecD(0.5);
  const Mask<double> odd = whole && trunc(half) != half;
  magnitude = select(a == zero, select(y < zero, inf, zero), magnitude);
  magnitude = select(a == inf, select(y < zero, zero, inf), magnitude);
  magnitude = select(a == one, one, magnitude);
  VecD result = select(odd, copysign(magnitude, x), magnitude);
  result = select(x < zero && a < inf && !whole, not_a_number<double>(), result);
  result = select(isnan(x) || isnan(y), x + y, result);
  return select(x == one || y == zero, one, result);
}

HWY_INLINE VecD pow(VecD x, VecD y) {
  VecD log_high, log_low;
  log_in_two(abs(x), log_high, log_low);
  // |log x| > 2^-54 unless x is 1, so larger exponents would overflow just the same.
  const VecD exponent = clamp_keep_nan(y, -0x1p100, 0x1p100);
  VecD p, p_low;
  two_product(exponent, log_high, p, p_low);
  p_low = select(abs(p) < VecD(1000), p_low + exponent * log_low, VecD(0));
  const VecD clamped = clamp_exponent(p);
  const VecD k = round_even(clamped * VecD(1.44269504088896340736));
  const VecD r = reduce_by_ln2(clamped, k) + p_low;
  return pow_specials(x, y, scale(VecD(1) + expm1_reduced(r), k));
}

// For float results, the plain formula in double precision has enough spare bits.
HWY_INLINE VecF pow(VecF x, VecF y) {
  return in_double(x, y, [](VecD v, VecD w) HWY_ATTR { return pow_specials(v, w, exp(w * log(abs(v)))); });
}

/// sqrt(x^2 + y^2) = a sqrt(1 + (b/a)^2) where a is the larger one, which neither overflows nor underflows early.
/// Infinity takes precedence over NaN.
HWY_INLINE VecD hypot(VecD x, VecD y) {
  const VecD a = abs(x), b = abs(y), inf = infinity<double>();
  const VecD larger = select(a > b, a, b), smaller = select(a > b, b, a);
  const VecD ratio = select(larger == VecD(0), larger, smaller / larger);
  const VecD result = larger * sqrt(VecD(1) + ratio * ratio);
  return select(a == inf || b == inf, inf, select(isnan(x) || isnan(y), x + y, result));
}
HWY_INLINE VecF hypot(VecF x, VecF y) {
  const VecF result = in_double(x, y, [](VecD v, VecD w) HWY_ATTR { return sqrt(v * v + w * w); });
  const VecF inf = infinity<float>();
  return select(abs(x) == inf || abs(y) == inf, inf, result);
}

// ---------------------------------------------------------------------------------------------------------------------
// Remainder
// ---------------------------------------------------------------------------------------------------------------------

/// The quotient q of |x| / |y| is rounded to at most one too many, and x - q y is then exact as long as q y is: for
/// double by the fused multiply-add, for float because 24 + 29 bits fit into 53. Larger quotients are passed to the
/// C library.
HWY_INLINE VecD fmod(VecD x, VecD y) {
  const auto scalar = [](double a, double b) HWY_ATTR { return ::fmod(a, b); };
#if HWY_NATIVE_FMA
  const VecD a = abs(x), b = abs(y);
  const VecD q = trunc(a / b);
  const VecD r = neg_mul_add(q, b, a);
  const VecD result = copysign(select(r < VecD(0), r + b, r), x);
  const Mask<double> good = q < VecD(0x1p52) && b < infinity<double>();
  if (HWY_LIKELY(!any(!good))) return result;
  return select(good, result, for_each_lane(x, y, scalar));
#else
  return for_each_lane(x, y, scalar);
#endif
}

HWY_INLINE VecF fmod(VecF x, VecF y) {
  const VecF a = abs(x), b = abs(y);
  const auto remainder = [](VecD v, VecD w) HWY_ATTR {
    const VecD r = v - trunc(v / w) * w;
    return select(r < VecD(0), r + w, r);
  };
  const VecF result = copysign(in_double(a, b, remainder), x);
  const Mask<float> good = a < b * VecF(0x1p28) && b < infinity<float>() && a < infinity<float>();
  if (HWY_LIKELY(!any(!good))) return result;
  return select(good, result, for_each_lane(x, y, [](float v, float w) HWY_ATTR { return ::fmodf(v, w); }));
}

// ---------------------------------------------------------------------------------------------------------------------
// The error function and other special functions
// ---------------------------------------------------------------------------------------------------------------------

/// erf(x) = 1 - exp(x S(x)) with S(x) = log(erfc(x)) / x, a smooth function. Computed as -expm1(x S(x)), this single
/// formula keeps its relative accuracy down to 0. S is from Remez's exchange algorithm on [0, 3.95], weighted to a
/// relative error of erf of 2^-31.
HWY_INLINE VecF erf(VecF x) {
  const VecF a = clamp_keep_nan(abs(x), 0, 3.95);  // from there on the result rounds to 1
  // The leading coefficient is split into two parts that are joined last, in a single rounding.
  const VecF s = polynomial(a, 5.86353834e-08, -0.636619818, -0.102771595, 0.0191199593, 0.000245182709, -0.00178414553,
                            0.000723377687, -0.000155649284, 1.66024876e-5, -1.64257842e-7, -9.23538726e-8);
  const VecF q = mul_add(a, VecF(-1.1283792257), a * s);
  const VecF k = round_even(q * VecF(1.44269504088896340736));
  const VecF power = power_of_two(k);
  const VecF result = neg_mul_add(power, expm1_reduced(reduce_by_ln2(q, k)), VecF(1) - power);
  return copysign(result, x);
}

HWY_INLINE VecD erf(VecD x) {
  return for_each_lane(x, [](double v) HWY_ATTR { return ::erf(v); });
}

template <class T>
HWY_INLINE Vec<T> erfc(Vec<T> x) {
  return for_each_lane(x, [](T v) HWY_ATTR { return static_cast<T>(::erfc(static_cast<double>(v))); });
}
template <class T>
HWY_INLINE Vec<T> erfinv(Vec<T> x) {
  return for_each_lane(x, [](T v) HWY_ATTR { return pointwise::erfinv(v); });
}
template <class T>
HWY_INLINE Vec<T> lgamma(Vec<T> x) {
  return for_each_lane(x, [](T v) HWY_ATTR { return pointwise::lgamma(v); });
}
template <class T>
HWY_INLINE Vec<T> digamma(Vec<T> x) {
  return for_each_lane(x, [](T v) HWY_ATTR { return pointwise::digamma(v); });
}
template <class T>
HWY_INLINE Vec<T> polygamma(Vec<T> n, Vec<T> x) {
  return for_each_lane(n, x, [](T order, T v) HWY_ATTR { return pointwise::polygamma(order, v); });
}
template <class T>
HWY_INLINE Vec<T> nextafter(Vec<T> x, Vec<T> y) {
  return for_each_lane(x, y, [](T v, T w) HWY_ATTR { return pointwise::nextafter(v, w); });
}

}  // namespace HWY_NAMESPACE
}  // namespace ts::cpu
HWY_AFTER_NAMESPACE();

#endif  // include guard
