// Accuracy of the elementary functions on every instruction set: at most 4 ULP from the exact value.
//
// Arguments cover every binary exponent, both signs, subnormal numbers and, more densely, the range where each function
// is not trivial. The reference is the C library's long double, which on x86 has 11 more bits than double; where long
// double is no wider than double, one more ULP is allowed for double.
#include <gtest/gtest.h>

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "pointwise_kernels.h"
#include "simd_targets.h"

namespace {

using ts::PointwiseArgs;
using Kernel = void (*)(const PointwiseArgs&);
using Real = long double;

const Real kInf = std::numeric_limits<Real>::infinity();

template <class T>
std::vector<T> apply(Kernel kernel, const std::vector<std::vector<T>>& inputs) {
  std::vector<T> result(inputs[0].size());
  PointwiseArgs args;
  args.ndim = 1;
  args.operand_count = static_cast<int>(inputs.size()) + 1;
  args.numel = args.sizes[0] = static_cast<std::int64_t>(result.size());
  args.compute = ts::dtype_of<T>;
  for (int k = 0; k < args.operand_count; ++k) {
    args.operands[k].data = k == 0 ? result.data() : const_cast<T*>(inputs[static_cast<std::size_t>(k) - 1].data());
    args.operands[k].dtype = ts::dtype_of<T>;
    args.operands[k].strides[0] = 1;
  }
  kernel(args);
  return result;
}

// The distance in units in the last place of T at the exact value.
template <class T>
double ulp_error(T got, Real exact) {
  const T nearest = static_cast<T>(exact);
  if (std::isnan(nearest) || std::isnan(got)) return std::isnan(nearest) && std::isnan(got) ? 0 : HUGE_VAL;
  if (got == nearest) return std::signbit(got) == std::signbit(nearest) ? 0 : HUGE_VAL;
  // Overflow may occur a few ULP early or late.
  const T largest = std::numeric_limits<T>::max();
  if (std::isinf(nearest)) exact = std::copysign(static_cast<Real>(largest), exact);
  const Real value = std::isinf(got) ? std::copysign(static_cast<Real>(largest), static_cast<Real>(got)) : got;
  int exponent;
  std::frexp(std::fabs(exact), &exponent);
  exponent = std::max(exponent, std::numeric_limits<T>::min_exponent);
  const Real ulp = std::ldexp(Real(1), exponent - std::numeric_limits<T>::digits);
  return static_cast<double>(std::fabs(value - exact) / ulp);
}

template <class T>
std::vector<T> sweep(int per_exponent, int dense) {
  std::mt19937_64 random(20240229);
  std::vector<T> values = {0,  -T(0), 1, -1, T(0.5), T(-0.5), 2, -2, 3, 10, T(0.7071067811865476),
                           T(1.4142135623730951)};
  const T limits[] = {std::numeric_limits<T>::infinity(), std::numeric_limits<T>::max(), std::numeric_limits<T>::min(),
                      std::numeric_limits<T>::denorm_min(), std::numeric_limits<T>::epsilon()};
  for (const T limit : limits) {
    values.push_back(limit);
    values.push_back(-limit);
  }
  values.push_back(std::numeric_limits<T>::quiet_NaN());
  const int lowest = std::numeric_limits<T>::min_exponent - std::numeric_limits<T>::digits;
  for (int exponent = lowest; exponent < std::numeric_limits<T>::max_exponent; ++exponent) {
    const int count = exponent >= -12 && exponent <= 10 ? dense : per_exponent;
    for (int i = 0; i < count; ++i) {
      const double fraction = 1 + static_cast<double>(random() >> 12) * 0x1p-52;
      const T value = static_cast<T>(std::ldexp(fraction, exponent));
      values.push_back(random() & 1 ? value : -value);
    }
  }
  return values;
}

struct Unary {
  const char* name;
  Kernel kernel;
  Real (*exact)(Real);
};

// Halley's iteration, starting from the C library's value, in extended precision.
Real exact_erfinv(Real x) {
  const Real magnitude = std::fabs(x);
  if (magnitude >= 1) return magnitude == 1 ? std::copysign(kInf, x) : std::numeric_limits<Real>::quiet_NaN();
  if (magnitude < 1e-12L) return x * 0.886226925452758013649083741670572591L;
  Real low = 0, high = 30;  // bisection first, because it needs no initial approximation
  for (int i = 0; i < 80; ++i) {
    const Real middle = (low + high) / 2;
    const bool below = magnitude < 0.5L ? std::erf(middle) < magnitude : std::erfc(middle) > 1 - magnitude;
    (below ? low : high) = middle;
  }
  Real y = (low + high) / 2;
  const Real residual = magnitude < 0.5L ? std::erf(y) - magnitude : (1 - magnitude) - std::erfc(y);
  y -= residual * 0.886226925452758013649083741670572591L * std::exp(y * y);
  return std::copysign(y, x);
}

const Unary kUnary[] = {
    {"exp", ts::cpu::exp, std::exp},       {"exp2", ts::cpu::exp2, std::exp2},    {"expm1", ts::cpu::expm1, std::expm1},
    {"log", ts::cpu::log, std::log},       {"log2", ts::cpu::log2, std::log2},    {"log10", ts::cpu::log10, std::log10},
    {"log1p", ts::cpu::log1p, std::log1p}, {"sin", ts::cpu::sin, std::sin},       {"cos", ts::cpu::cos, std::cos},
    {"tan", ts::cpu::tan, std::tan},       {"asin", ts::cpu::asin, std::asin},    {"acos", ts::cpu::acos, std::acos},
    {"atan", ts::cpu::atan, std::atan},    {"sinh", ts::cpu::sinh, std::sinh},    {"cosh", ts::cpu::cosh, std::cosh},
    {"tanh", ts::cpu::tanh, std::tanh},    {"asinh", ts::cpu::asinh, std::asinh}, {"acosh", ts::cpu::acosh, std::acosh},
    {"atanh", ts::cpu::atanh, std::atanh}, {"erf", ts::cpu::erf, std::erf},       {"erfc", ts::cpu::erfc, std::erfc},
    {"erfinv", ts::cpu::erfinv, exact_erfinv},
};

template <class T>
class VecMath : public testing::Test {};
using Types = testing::Types<float, double>;
TYPED_TEST_SUITE(VecMath, Types);

constexpr double kBound = 4;

template <class T>
constexpr double bound() {
  return std::is_same_v<T, double> && LDBL_MANT_DIG == DBL_MANT_DIG ? kBound + 1 : kBound;
}

TYPED_TEST(VecMath, UnaryFunctionsAreAccurateEverywhere) {
  using T = TypeParam;
  const std::vector<T> x = sweep<T>(sizeof(T) == 4 ? 40 : 10, 600);
  for (const Unary& function : kUnary) {
    std::vector<Real> exact(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) exact[i] = function.exact(x[i]);
    ts::test::for_each_simd_target([&](const char* target) {
      const std::vector<T> got = apply<T>(function.kernel, {x});
      double worst = 0;
      T worst_x = 0;
      for (std::size_t i = 0; i < x.size(); ++i) {
        const double error = ulp_error(got[i], exact[i]);
        if (!(error <= worst)) {
          worst = error;
          worst_x = x[i];
        }
      }
      EXPECT_LE(worst, bound<T>()) << function.name << " on " << target << " at " << std::hexfloat << worst_x;
      this->RecordProperty(std::string(function.name) + "." + target, std::to_string(worst));
    });
  }
}

struct Binary {
  const char* name;
  Kernel kernel;
  Real (*exact)(Real, Real);
};

const Binary kBinary[] = {
    {"pow", ts::cpu::pow, std::pow},
    {"atan2", ts::cpu::atan2, std::atan2},
    {"hypot", ts::cpu::hypot, std::hypot},
};

TYPED_TEST(VecMath, BinaryFunctionsAreAccurateEverywhere) {
  using T = TypeParam;
  std::vector<T> x, y;
  const std::vector<T> values = sweep<T>(2, 40);
  std::mt19937_64 random(7);
  for (const T a : values) {
    for (int i = 0; i < 30; ++i) {
      x.push_back(a);
      y.push_back(values[random() % values.size()]);
    }
  }
  // Special values combined with each other, and bases whose powers stay in range.
  for (std::size_t i = 0; i < 24; ++i) {
    for (std::size_t j = 0; j < 24; ++j) {
      x.push_back(values[i]);
      y.push_back(values[j]);
    }
  }
  std::uniform_real_distribution<double> exponent(-1, 1), fraction(1, 2);
  for (int i = 0; i < 20000; ++i) {
    const double base = std::ldexp(fraction(random), static_cast<int>(random() % 60) - 30);
    x.push_back(static_cast<T>(i % 4 == 0 ? 1 + exponent(random) * 1e-3 : base));
    const double reach = std::numeric_limits<T>::max_exponent * 0.7;
    const double log_base = std::log(static_cast<double>(x.back()));
    y.push_back(static_cast<T>(exponent(random) * reach / std::max(1e-9, std::fabs(log_base))));
    if (i % 3 == 0) {
      x.back() = -x.back();
      y.back() = std::round(y.back());
    }
  }
  for (const Binary& function : kBinary) {
    std::vector<Real> exact(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) exact[i] = function.exact(x[i], y[i]);
    ts::test::for_each_simd_target([&](const char* target) {
      const std::vector<T> got = apply<T>(function.kernel, {x, y});
      double worst = 0;
      std::size_t at = 0;
      for (std::size_t i = 0; i < x.size(); ++i) {
        const double error = ulp_error(got[i], exact[i]);
        if (!(error <= worst)) {
          worst = error;
          at = i;
        }
      }
      EXPECT_LE(worst, bound<T>()) << function.name << " on " << target << " at " << std::hexfloat << x[at] << ", "
                                   << y[at] << ": " << got[at] << " for " << static_cast<double>(exact[at]);
      this->RecordProperty(std::string(function.name) + "." + target, std::to_string(worst));
    });
  }
}

// fmod and remainder are exact, for quotients of any size.
TYPED_TEST(VecMath, RemaindersAreExact) {
  using T = TypeParam;
  const std::vector<T> values = sweep<T>(1, 20);
  std::vector<T> x, y;
  std::mt19937_64 random(11);
  for (const T a : values) {
    for (int i = 0; i < 40; ++i) {
      x.push_back(a);
      // Half of the divisors are close to the dividend, so that quotients are small.
      const T b = values[random() % values.size()];
      y.push_back(i % 2 == 0 ? b : static_cast<T>(a / static_cast<T>(1 + random() % 1000)));
    }
  }
  ts::test::for_each_simd_target([&](const char*) {
    const std::vector<T> fmod = apply<T>(ts::cpu::fmod, {x, y});
    const std::vector<T> remainder = apply<T>(ts::cpu::remainder, {x, y});
    for (std::size_t i = 0; i < x.size(); ++i) {
      const T exact = std::fmod(x[i], y[i]);
      const T python = exact != 0 && (exact < 0) != (y[i] < 0) ? exact + y[i] : exact;
      ASSERT_EQ(ulp_error(fmod[i], exact), 0) << x[i] << " mod " << y[i] << ": " << fmod[i] << " for " << exact;
      ASSERT_EQ(ulp_error(remainder[i], python), 0) << x[i] << " mod " << y[i];
    }
  });
}

// Near a root, the relative error of a sum of large terms is unbounded, so the error is measured relative to 1 there.
TYPED_TEST(VecMath, GammaFunctions) {
  using T = TypeParam;
  const auto exact_digamma = [](Real x) -> Real {
    if (x == 0) return std::copysign(kInf, -x);
    if (x < 0 && x == std::trunc(x)) return std::numeric_limits<Real>::quiet_NaN();
    const Real pi = 3.14159265358979323846264338327950288L;
    Real sum = 0;
    if (x < 0) {
      sum = -pi / std::tan(pi * (x - std::rint(x)));
      x = 1 - x;
    }
    for (; x < 40; x += 1) sum -= 1 / x;
    const Real z = 1 / (x * x);
    return sum + std::log(x) - 0.5L / x -
           z * (1.0L / 12 - z * (1.0L / 120 - z * (1.0L / 252 - z * (1.0L / 240 - z / 132))));
  };
  std::vector<T> x;
  std::mt19937 random(3);
  std::uniform_real_distribution<double> wide(-20, 60), narrow(0, 4);
  for (int i = 0; i < 4000; ++i) x.push_back(static_cast<T>(i % 2 ? wide(random) : narrow(random)));
  x.insert(x.end(), {0, -T(0), -1, -2, 1, 2, T(1e10), T(1e30), T(1e-30), std::numeric_limits<T>::infinity()});
  ts::test::for_each_simd_target([&](const char*) {
    const std::vector<T> digamma = apply<T>(ts::cpu::digamma, {x});
    const std::vector<T> lgamma = apply<T>(ts::cpu::lgamma, {x});
    for (std::size_t i = 0; i < x.size(); ++i) {
      const auto expect_near = [&](const char* name, T got, Real exact) {
        if (std::isnan(exact) || std::isinf(exact)) {
          EXPECT_EQ(ulp_error(got, exact), 0) << name << " at " << x[i];
        } else {
          const Real scale = std::max(Real(1), std::fabs(exact));
          EXPECT_LE(static_cast<double>(std::fabs(got - exact) / scale), 8 * std::numeric_limits<T>::epsilon())
              << name << " at " << x[i];
        }
      };
      expect_near("digamma", digamma[i], exact_digamma(x[i]));
      expect_near("lgamma", lgamma[i], std::lgamma(static_cast<Real>(x[i])));
    }
  });
}

}  // namespace
