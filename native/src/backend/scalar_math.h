// The functions that the pointwise functors call, for single numbers: float, double and int64_t, on the host and
// inside a CUDA kernel. cpu/vec-inl.h and cpu/vec_math-inl.h provide the same names for SIMD vectors, so a functor
// works with either.
//
// float calls the C library's ...f functions and double the plain ones, so that no float is promoted to double
// by accident. int64_t has only the functions that make sense for integers. Integer arithmetic is assumed to
// wrap (-fwrapv).
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>

#if defined(__CUDACC__)
#define TS_HD __host__ __device__ __forceinline__
#elif defined(_MSC_VER)
#define TS_HD __forceinline
#else
#define TS_HD inline __attribute__((always_inline))
#endif

namespace ts::pointwise {

#define TS_SCALAR_UNARY(name)                              \
  TS_HD float name(float x) { return ::name##f(x); }       \
  TS_HD double name(double x) { return ::name(x); }
TS_SCALAR_UNARY(exp)
TS_SCALAR_UNARY(exp2)
TS_SCALAR_UNARY(expm1)
TS_SCALAR_UNARY(log)
TS_SCALAR_UNARY(log2)
TS_SCALAR_UNARY(log10)
TS_SCALAR_UNARY(log1p)
TS_SCALAR_UNARY(sqrt)
TS_SCALAR_UNARY(sin)
TS_SCALAR_UNARY(cos)
TS_SCALAR_UNARY(tan)
TS_SCALAR_UNARY(asin)
TS_SCALAR_UNARY(acos)
TS_SCALAR_UNARY(atan)
TS_SCALAR_UNARY(sinh)
TS_SCALAR_UNARY(cosh)
TS_SCALAR_UNARY(tanh)
TS_SCALAR_UNARY(asinh)
TS_SCALAR_UNARY(acosh)
TS_SCALAR_UNARY(atanh)
TS_SCALAR_UNARY(erf)
TS_SCALAR_UNARY(erfc)
TS_SCALAR_UNARY(floor)
TS_SCALAR_UNARY(ceil)
TS_SCALAR_UNARY(trunc)
#undef TS_SCALAR_UNARY

#define TS_SCALAR_BINARY(name)                                          \
  TS_HD float name(float x, float y) { return ::name##f(x, y); }        \
  TS_HD double name(double x, double y) { return ::name(x, y); }
TS_SCALAR_BINARY(atan2)
TS_SCALAR_BINARY(pow)
TS_SCALAR_BINARY(fmod)
TS_SCALAR_BINARY(hypot)
TS_SCALAR_BINARY(nextafter)
TS_SCALAR_BINARY(copysign)
#undef TS_SCALAR_BINARY

/// Rounds half to even: rint does so in the default rounding mode.
TS_HD float round_even(float x) { return ::rintf(x); }
TS_HD double round_even(double x) { return ::rint(x); }

// Integers need no rounding.
TS_HD std::int64_t floor(std::int64_t x) { return x; }
TS_HD std::int64_t ceil(std::int64_t x) { return x; }
TS_HD std::int64_t trunc(std::int64_t x) { return x; }
TS_HD std::int64_t round_even(std::int64_t x) { return x; }

TS_HD float abs(float x) { return ::fabsf(x); }
TS_HD double abs(double x) { return ::fabs(x); }
TS_HD std::int64_t abs(std::int64_t x) { return x < 0 ? -x : x; }

TS_HD bool isnan(float x) { return x != x; }
TS_HD bool isnan(double x) { return x != x; }
TS_HD bool isnan(std::int64_t) { return false; }
TS_HD bool signbit(float x) { return ::copysignf(1.0f, x) < 0; }
TS_HD bool signbit(double x) { return ::copysign(1.0, x) < 0; }
TS_HD bool signbit(std::int64_t x) { return x < 0; }

TS_HD float select(bool condition, float yes, float no) { return condition ? yes : no; }
TS_HD double select(bool condition, double yes, double no) { return condition ? yes : no; }
TS_HD std::int64_t select(bool condition, std::int64_t yes, std::int64_t no) { return condition ? yes : no; }

/// The remainder of a / b, with the sign of a. Returns 0 where the remainder does not exist (b = 0) or where computing
/// it would trap (the smallest integer by -1).
TS_HD std::int64_t fmod(std::int64_t a, std::int64_t b) { return b == 0 || b == -1 ? 0 : a % b; }

/// Integer power by repeated squaring, modulo 2^64. For a negative exponent the result is the reciprocal if that is an
/// integer, else 0.
TS_HD std::int64_t pow(std::int64_t base, std::int64_t exponent) {
  if (exponent < 0) {
    if (base == 1) return 1;
    if (base == -1) return exponent % 2 == 0 ? 1 : -1;
    return 0;
  }
  std::int64_t result = 1;
  for (; exponent != 0; exponent >>= 1) {
    if (exponent & 1) result *= base;
    base *= base;
  }
  return result;
}

TS_HD std::int64_t greatest_common_divisor(std::int64_t a, std::int64_t b) {
  while (b != 0) {
    const std::int64_t r = fmod(a, b);
    a = b;
    b = r;
  }
  return abs(a);
}

// glibc's lgamma writes the global variable signgam, which is a data race between threads; lgamma_r does not.
TS_HD double lgamma(double x) {
#if defined(__GLIBC__) && !defined(__CUDA_ARCH__)
  int sign;
  return ::lgamma_r(x, &sign);
#else
  return ::lgamma(x);
#endif
}
TS_HD float lgamma(float x) { return static_cast<float>(lgamma(static_cast<double>(x))); }

/// psi(x) = d/dx log Gamma(x). Reflection for negative arguments, the recurrence psi(x) = psi(x + 1) - 1/x up to 10,
/// then the asymptotic series log x - 1/(2x) - sum B_2n / (2n x^2n). At the poles: copysign(inf, -x) at 0, else NaN.
TS_HD double digamma(double x) {
  const double pi = 3.14159265358979323846;
  if (x == 0) return ::copysign(std::numeric_limits<double>::infinity(), -x);
  double reflection = 0;
  if (x < 0) {
    if (x == ::trunc(x)) return std::numeric_limits<double>::quiet_NaN();
    // tan has period pi, so the argument is first reduced to half a period around 0, which preserves its precision.
    reflection = -pi / ::tan(pi * (x - ::rint(x)));
    x = 1 - x;
  }
  double recurrence = 0;
  while (x < 10) {
    recurrence -= 1 / x;
    x += 1;
  }
  const double z = 1 / (x * x);
  const double series =
      z * (1.0 / 12 +
           z * (-1.0 / 120 +
                z * (1.0 / 252 +
                     z * (-1.0 / 240 + z * (1.0 / 132 + z * (-691.0 / 32760 + z * (1.0 / 12)))))));
  return ::log(x) - 0.5 / x - (x < 1e17 ? series : 0) + recurrence + reflection;
}
TS_HD float digamma(float x) { return static_cast<float>(digamma(static_cast<double>(x))); }

/// Hurwitz's zeta function, the sum of (q + k)^-s over k >= 0, for s > 1 and q > 0: nine terms of the sum, then the
/// Euler-Maclaurin formula for the remainder, until its terms become negligible.
TS_HD double hurwitz_zeta(double s, double q) {
  // (2j)! / B_2j for j = 1 .. 12
  const double coefficients[] = {12.0,
                                 -720.0,
                                 30240.0,
                                 -1209600.0,
                                 47900160.0,
                                 -1.8924375803183791606e9,
                                 7.47242496e10,
                                 -2.950130727918164224e12,
                                 1.1646782814350067249e14,
                                 -4.5979787224074726105e15,
                                 1.8152105401943546773e17,
                                 -7.1661652561756670113e18};
  double sum = 0;
  for (int k = 0; k < 9; ++k) sum += ::pow(q + k, -s);
  const double w = q + 9;
  double power = ::pow(w, -s);
  sum += power * w / (s - 1) + 0.5 * power;
  double factor = s;
  power /= w;
  for (int j = 0; j < 12; ++j) {
    const double term = factor * power / coefficients[j];
    sum += term;
    if (::fabs(term) < ::fabs(sum) * 1e-17) break;
    factor *= (s + 2 * j + 1) * (s + 2 * j + 2);
    power /= w * w;
  }
  return sum;
}

/// The n-th derivative of digamma, (-1)^(n+1) n! zeta(n + 1, x). For negative x the sum splits into the terms left of
/// zero and those right of it, each a sum over positive numbers. At the poles: the limit from the right, as in PyTorch.
TS_HD double polygamma(double order, double x) {
  if (order == 0) return digamma(x);
  const double s = order + 1;
  const bool even = ::fmod(order, 2) == 0;
  double zeta;
  if (x > 0) {
    zeta = x == std::numeric_limits<double>::infinity() ? 0 : hurwitz_zeta(s, x);
  } else if (x == ::floor(x)) {
    zeta = std::numeric_limits<double>::infinity();
  } else {
    const double fraction = x - ::floor(x);
    const double left = hurwitz_zeta(s, ::ceil(x) - x) - hurwitz_zeta(s, 1 - x);
    zeta = hurwitz_zeta(s, fraction) + (even ? -left : left);
  }
  double factorial = 1;
  for (double k = 2; k <= order && factorial < std::numeric_limits<double>::infinity(); k += 1) factorial *= k;
  return (even ? -factorial : factorial) * zeta;
}
/// In double precision: near a pole a float has no bits left for the reflection.
TS_HD float polygamma(float order, float x) {
  return static_cast<float>(polygamma(static_cast<double>(order), static_cast<double>(x)));
}

/// The inverse of erf. M. Giles' single-precision approximation ("Approximating the erfinv function", GPU Computing
/// Gems, 2011) is the starting point of Halley's iteration on erf(y) - x, or on erfc near +-1, where 1 - |x| is exact
/// and erf is flat. Nearer to +-1 than a float can be, the approximation does not hold; there the start is the solution
/// of the asymptotic erfc(y) = exp(-y^2) / (y sqrt(pi)), in which the y of the divisor may be a rough one.
TS_HD double erfinv(double x) {
#if defined(__CUDA_ARCH__)
  return ::erfinv(x);
#else
  const double magnitude = ::fabs(x);
  if (!(magnitude < 1)) {
    if (magnitude == 1) return x * std::numeric_limits<double>::infinity();
    return std::numeric_limits<double>::quiet_NaN();
  }
  if (magnitude < 1e-9) return x * 0.88622692545275801365;  // sqrt(pi)/2; the next term is below half an ULP
  const double complement = 1 - magnitude;
  double w = -::log(complement * (1 + magnitude));
  double y;
  if (w < 5) {
    w -= 2.5;
    y = 2.81022636e-08;
    y = 3.43273939e-07 + y * w;
    y = -3.5233877e-06 + y * w;
    y = -4.39150654e-06 + y * w;
    y = 0.00021858087 + y * w;
    y = -0.00125372503 + y * w;
    y = -0.00417768164 + y * w;
    y = 0.246640727 + y * w;
    y = 1.50140941 + y * w;
  } else if (w > 16) {
    const double rough = ::sqrt(-::log(complement));
    y = ::sqrt(-::log(complement * rough * 1.77245385090551602730)) / magnitude;
  } else {
    w = ::sqrt(w) - 3;
    y = -0.000200214257;
    y = 0.000100950558 + y * w;
    y = 0.00134934322 + y * w;
    y = -0.00367342844 + y * w;
    y = 0.00573950773 + y * w;
    y = -0.0076224613 + y * w;
    y = 0.00943887047 + y * w;
    y = 1.00167406 + y * w;
    y = 2.83297682 + y * w;
  }
  y *= magnitude;
  const double half_sqrt_pi = 0.88622692545275801365;
  for (int step = 0; step < 2; ++step) {
    const double residual = magnitude < 0.5 ? ::erf(y) - magnitude : complement - ::erfc(y);
    const double newton = residual * half_sqrt_pi * ::exp(y * y);
    y -= newton / (1 + y * newton);
  }
  return ::copysign(y, x);
#endif
}
TS_HD float erfinv(float x) { return static_cast<float>(erfinv(static_cast<double>(x))); }

}  // namespace ts::pointwise
