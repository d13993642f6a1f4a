// The pointwise kernels: the result of every row on every instruction set, and that it does not depend on dtypes,
// strides, sizes, broadcasting or threads.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "cpu/thread_pool.h"
#include "cpu/strided_copy.h"
#include "pointwise_kernels.h"
#include "simd_targets.h"
#include "torchscratch/error.h"

namespace {

using ts::DType;
using ts::PointwiseArgs;
using Kernel = void (*)(const PointwiseArgs&);

constexpr DType kDTypes[] = {DType::Bool,  DType::UInt8,   DType::Int8,     DType::Int16,   DType::Int32,
                             DType::Int64, DType::Float16, DType::BFloat16, DType::Float32, DType::Float64};

// ---------------------------------------------------------------------------------------------------------------------
// Plain memory, one element at a time
// ---------------------------------------------------------------------------------------------------------------------

template <class T>
T read_as(const char* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}
template <class T>
void write_as(char* to, T value) {
  std::memcpy(to, &value, sizeof value);
}

double read(DType dtype, const char* from) {
  switch (dtype) {
    case DType::Bool: return read_as<std::uint8_t>(from) != 0;
    case DType::UInt8: return read_as<std::uint8_t>(from);
    case DType::Int8: return read_as<std::int8_t>(from);
    case DType::Int16: return read_as<std::int16_t>(from);
    case DType::Int32: return read_as<std::int32_t>(from);
    case DType::Int64: return static_cast<double>(read_as<std::int64_t>(from));
    case DType::Float16: return ts::to_float(read_as<ts::Half>(from));
    case DType::BFloat16: return ts::to_float(read_as<ts::BFloat16>(from));
    case DType::Float32: return read_as<float>(from);
    case DType::Float64: return read_as<double>(from);
  }
  return 0;
}

// `value` must be representable in the dtype.
void write(DType dtype, char* to, double value) {
  switch (dtype) {
    case DType::Bool: return write_as<std::uint8_t>(to, value != 0);
    case DType::UInt8: return write_as(to, static_cast<std::uint8_t>(value));
    case DType::Int8: return write_as(to, static_cast<std::int8_t>(value));
    case DType::Int16: return write_as(to, static_cast<std::int16_t>(value));
    case DType::Int32: return write_as(to, static_cast<std::int32_t>(value));
    case DType::Int64: return write_as(to, static_cast<std::int64_t>(value));
    case DType::Float16: return write_as(to, ts::to_half(static_cast<float>(value)));
    case DType::BFloat16: return write_as(to, ts::to_bfloat16(static_cast<float>(value)));
    case DType::Float32: return write_as(to, static_cast<float>(value));
    case DType::Float64: return write_as(to, value);
  }
}

// Runs a kernel on contiguous vectors of one type.
template <class In, class Out>
std::vector<Out> apply(Kernel kernel, const std::vector<std::vector<In>>& inputs,
                       const std::vector<ts::Scalar>& params) {
  std::vector<Out> result(inputs[0].size());
  PointwiseArgs args;
  args.ndim = 1;
  args.operand_count = static_cast<int>(inputs.size()) + 1;
  args.numel = args.sizes[0] = static_cast<std::int64_t>(result.size());
  args.compute = ts::dtype_of<In>;
  args.operands[0] = {result.data(), ts::dtype_of<Out>, {1}};
  for (std::size_t k = 0; k < inputs.size(); ++k) {
    args.operands[k + 1] = {const_cast<In*>(inputs[k].data()), ts::dtype_of<In>, {1}};
  }
  for (std::size_t i = 0; i < params.size(); ++i) args.params[i] = params[i];
  kernel(args);
  return result;
}

// ---------------------------------------------------------------------------------------------------------------------
// Every row against its own functor, evaluated on plain numbers with the C library's functions
// ---------------------------------------------------------------------------------------------------------------------

struct Floating {};
struct Numeric {};
struct Integral {};

template <class Class, class T>
constexpr bool kComputes =
    std::is_same_v<Class, Numeric> || std::is_same_v<Class, Integral> == std::is_same_v<T, std::int64_t>;

template <class T>
void expect_close(T got, T expected, const std::string& where) {
  if constexpr (std::is_same_v<T, std::int64_t>) {
    EXPECT_EQ(got, expected) << where;
  } else if (std::isnan(expected) || std::isinf(expected) || expected == 0) {
    if (std::isnan(expected)) {
      EXPECT_TRUE(std::isnan(got)) << where << ": " << got;
    } else if (std::isinf(expected)) {
      EXPECT_EQ(got, expected) << where;
    } else {
      EXPECT_LE(std::fabs(got), 16 * std::numeric_limits<T>::epsilon()) << where;
    }
  } else {
    // Both sides evaluate the same formula and differ by a few ULP in each elementary function. Where the formula
    // cancels, those are ULP of its terms, which are of order 1.
    const T scale = std::max(T(1), std::fabs(expected));
    EXPECT_LE(std::fabs(got - expected) / scale, 64 * std::numeric_limits<T>::epsilon())
        << where << ": " << got << " for " << expected;
  }
}

template <class Functor, class T, std::size_t... i, std::size_t... p>
auto evaluate(const std::vector<std::vector<T>>& inputs, std::size_t at, const T* params, std::index_sequence<i...>,
              std::index_sequence<p...>) {
  return Functor()(inputs[i][at]..., params[p]...);
}

// Values that distinguish the functions, in all combinations, followed by random ones.
template <class T>
std::vector<std::vector<T>> make_inputs(int operands) {
  std::vector<T> special;
  if constexpr (std::is_same_v<T, std::int64_t>) {
    special = {1, 2, 3, 5, -1, -2, -3, -7, 10, 63, 64, -64, 100, 1ll << 31, -(1ll << 31), INT64_MAX, INT64_MIN, 0};
  } else {
    const T inf = std::numeric_limits<T>::infinity(), nan = std::numeric_limits<T>::quiet_NaN();
    special = {0,  -T(0), 1,  -1,  T(0.5),  T(-0.5), T(1.5), T(2.5), -3,  3,
               -6, 20,    -20, T(0.25), inf, -inf,    nan,    300,    -300};
  }
  std::vector<std::vector<T>> inputs(static_cast<std::size_t>(operands));
  if (operands <= 2) {
    for (const T a : special) {
      for (const T b : special) {
        inputs[0].push_back(a);
        if (operands == 2) inputs[1].push_back(b);
      }
    }
  }
  std::mt19937_64 random(5);
  for (int n = 0; n < 500; ++n) {
    for (auto& input : inputs) {
      if constexpr (std::is_same_v<T, std::int64_t>) {
        input.push_back(static_cast<std::int64_t>(random() % 201) - 100);
      } else {
        input.push_back(std::uniform_real_distribution<T>(n % 2 ? T(-4) : T(0), n % 2 ? T(4) : T(1))(random));
      }
    }
  }
  return inputs;
}

template <class Functor, class = void>
constexpr bool kDivides = false;
template <class Functor>
constexpr bool kDivides<Functor, std::void_t<decltype(Functor::checks_divisor)>> = true;

template <class T, class Functor, class Class, int operands, int params>
void check_row(const char* name, Kernel kernel) {
  if constexpr (kComputes<Class, T>) {
    std::vector<std::vector<T>> inputs = make_inputs<T>(operands);
    if constexpr (kDivides<Functor> && std::is_same_v<T, std::int64_t>) {
      for (T& divisor : inputs[1]) divisor = divisor == 0 ? 4 : divisor;
    }
    const T parameters[4] = {T(1.5), T(2.5), T(3.5), T(0)};
    std::vector<ts::Scalar> scalars;
    for (int p = 0; p < params; ++p) {
      scalars.push_back(std::is_same_v<T, std::int64_t> ? ts::Scalar(static_cast<std::int64_t>(parameters[p]))
                                                        : ts::Scalar(static_cast<double>(parameters[p])));
    }
    const auto operand_sequence = std::make_index_sequence<operands>();
    const auto param_sequence = std::make_index_sequence<params>();
    using Result = decltype(evaluate<Functor, T>(inputs, 0, parameters, operand_sequence, param_sequence));
    const std::vector<Result> got = [&] {
      if constexpr (std::is_same_v<Result, bool>) {  // vector<bool> does not store bytes
        std::vector<std::uint8_t> bytes(inputs[0].size());
        PointwiseArgs args;
        args.ndim = 1;
        args.operand_count = operands + 1;
        args.numel = args.sizes[0] = static_cast<std::int64_t>(bytes.size());
        args.compute = ts::dtype_of<T>;
        args.operands[0] = {bytes.data(), DType::Bool, {1}};
        for (std::size_t k = 0; k < inputs.size(); ++k) args.operands[k + 1] = {inputs[k].data(), ts::dtype_of<T>, {1}};
        kernel(args);
        for (const std::uint8_t byte : bytes) EXPECT_LE(byte, 1) << name;
        return std::vector<bool>(bytes.begin(), bytes.end());
      } else {
        return apply<T, T>(kernel, inputs, scalars);
      }
    }();
    for (std::size_t i = 0; i < got.size(); ++i) {
      std::string where = std::string(name) + "<" + ts::dtype_name(ts::dtype_of<T>) + ">(";
      for (const auto& input : inputs) where += std::to_string(input[i]) + " ";
      where += ")";
      const Result expected = evaluate<Functor, T>(inputs, i, parameters, operand_sequence, param_sequence);
      if constexpr (std::is_same_v<Result, bool>) {
        EXPECT_EQ(got[i], expected) << where;
      } else {
        expect_close<T>(got[i], expected, where);
      }
      if (testing::Test::HasFailure()) return;
    }
  }
}

TEST(Pointwise, EveryRowComputesItsFunctorOnEveryTarget) {
  ts::test::for_each_simd_target([](const char*) {
#define TS_CHECK_ROW(name, functor, operands, params, type_class)                                                     \
  check_row<float, ts::pointwise::functor, type_class, operands, params>(#name, ts::cpu::name);                       \
  check_row<double, ts::pointwise::functor, type_class, operands, params>(#name, ts::cpu::name);                      \
  check_row<std::int64_t, ts::pointwise::functor, type_class, operands, params>(#name, ts::cpu::name);
    TS_POINTWISE_OPS(TS_CHECK_ROW)
#undef TS_CHECK_ROW
  });
}

// ---------------------------------------------------------------------------------------------------------------------
// Definitions, written out once more by hand
// ---------------------------------------------------------------------------------------------------------------------

template <class T>
T call(Kernel kernel, std::initializer_list<T> operands, const std::vector<ts::Scalar>& params = {}) {
  std::vector<std::vector<T>> inputs;
  for (const T value : operands) inputs.push_back({value});
  return apply<T, T>(kernel, inputs, params)[0];
}

TEST(Pointwise, BasicsAgreeWithTheStandardLibrary) {
  const std::vector<double> x = {-2.5, -1.5, -0.5, 0.0, 0.25, 0.5, 1.0, 2.5, 7.75};
  for (const double a : x) {
    EXPECT_EQ(call<double>(ts::cpu::neg, {a}), -a);
    EXPECT_EQ(call<double>(ts::cpu::abs, {a}), std::fabs(a));
    EXPECT_EQ(call<double>(ts::cpu::floor, {a}), std::floor(a));
    EXPECT_EQ(call<double>(ts::cpu::round, {a}), std::nearbyint(a));
    EXPECT_EQ(call<double>(ts::cpu::relu, {a}), std::max(a, 0.0));
    EXPECT_NEAR(call<double>(ts::cpu::sigmoid, {a}), 1 / (1 + std::exp(-a)), 1e-15);
    EXPECT_NEAR(call<double>(ts::cpu::gelu_erf, {a}), a * 0.5 * std::erfc(-a / std::sqrt(2.0)), 1e-14);
    EXPECT_NEAR(call<double>(ts::cpu::silu, {a}), a / (1 + std::exp(-a)), 1e-14);
    EXPECT_NEAR(call<double>(ts::cpu::softplus, {a}, {2.0, 20.0}), std::log1p(std::exp(2 * a)) / 2, 1e-14);
    EXPECT_NEAR(call<double>(ts::cpu::elu_scaled, {a}, {1.5, 2.0, 0.5}),
                a > 0 ? 2 * a : 3 * std::expm1(a * 0.5), 1e-14);
    for (const double b : x) {
      EXPECT_EQ(call<double>(ts::cpu::add, {a, b}, {2.0}), a + 2 * b);
      EXPECT_EQ(call<double>(ts::cpu::sub, {a, b}, {2.0}), a - 2 * b);
      EXPECT_EQ(call<double>(ts::cpu::mul, {a, b}), a * b);
      EXPECT_EQ(call<double>(ts::cpu::maximum, {a, b}), std::max(a, b));
      if (b == 0) continue;
      EXPECT_EQ(call<double>(ts::cpu::true_divide, {a, b}), a / b);
      EXPECT_EQ(call<double>(ts::cpu::fmod, {a, b}), std::fmod(a, b));
      EXPECT_EQ(call<double>(ts::cpu::floor_divide, {a, b}), std::floor(a / b)) << a << " " << b;
      EXPECT_EQ(call<double>(ts::cpu::trunc_divide, {a, b}), std::trunc(a / b));
    }
  }
}

TEST(Pointwise, NanIsKeptOrIgnoredAsInPyTorch) {
  const float nan = std::numeric_limits<float>::quiet_NaN(), inf = std::numeric_limits<float>::infinity();
  ts::test::for_each_simd_target([&](const char*) {
    for (const Kernel kernel : {ts::cpu::maximum, ts::cpu::minimum}) {
      EXPECT_TRUE(std::isnan(call<float>(kernel, {nan, 1})));
      EXPECT_TRUE(std::isnan(call<float>(kernel, {1, nan})));
    }
    for (const Kernel kernel : {ts::cpu::fmax, ts::cpu::fmin}) {
      EXPECT_EQ(call<float>(kernel, {nan, 1}), 1);
      EXPECT_EQ(call<float>(kernel, {1, nan}), 1);
      EXPECT_TRUE(std::isnan(call<float>(kernel, {nan, nan})));
    }
    EXPECT_TRUE(std::isnan(call<float>(ts::cpu::relu, {nan})));
    EXPECT_TRUE(std::isnan(call<float>(ts::cpu::clamp_between, {nan}, {0.0, 1.0})));
    EXPECT_EQ(call<float>(ts::cpu::clamp_between, {5}, {3.0, 1.0}), 1);
    EXPECT_EQ(call<float>(ts::cpu::sign, {nan}), 0);
    EXPECT_EQ(call<float>(ts::cpu::replace_non_finite, {nan}, {7.0, 8.0, 9.0}), 7);
    EXPECT_EQ(call<float>(ts::cpu::replace_non_finite, {-inf}, {7.0, 8.0, 9.0}), 9);
    EXPECT_EQ(call<float>(ts::cpu::logaddexp, {inf, inf}), inf);
    EXPECT_EQ(call<float>(ts::cpu::logaddexp, {-inf, -inf}), -inf);
    EXPECT_EQ(call<float>(ts::cpu::xlogy, {0, 0}), 0);
    EXPECT_TRUE(std::isnan(call<float>(ts::cpu::xlogy, {0, nan})));
    EXPECT_TRUE(std::signbit(call<float>(ts::cpu::floor_divide, {-0.0f, 3})));
  });
}

TEST(Pointwise, IntegerDivisionRoundsAndNeverTraps) {
  using I = std::int64_t;
  const I smallest = INT64_MIN;
  EXPECT_EQ(call<I>(ts::cpu::floor_divide, {-7, 2}), -4);
  EXPECT_EQ(call<I>(ts::cpu::floor_divide, {7, -2}), -4);
  EXPECT_EQ(call<I>(ts::cpu::trunc_divide, {-7, 2}), -3);
  EXPECT_EQ(call<I>(ts::cpu::remainder, {-7, 2}), 1);
  EXPECT_EQ(call<I>(ts::cpu::remainder, {7, -2}), -1);
  EXPECT_EQ(call<I>(ts::cpu::fmod, {-7, 2}), -1);
  for (const Kernel kernel : {ts::cpu::floor_divide, ts::cpu::trunc_divide}) {
    EXPECT_EQ(call<I>(kernel, {smallest, -1}), smallest);
    EXPECT_THROW(call<I>(kernel, {1, 0}), ts::ValueError);
  }
  for (const Kernel kernel : {ts::cpu::remainder, ts::cpu::fmod}) {
    EXPECT_EQ(call<I>(kernel, {smallest, -1}), 0);
    EXPECT_THROW(call<I>(kernel, {1, 0}), ts::ValueError);
  }
  EXPECT_TRUE(std::isinf(call<float>(ts::cpu::floor_divide, {1, 0})));
  EXPECT_EQ(call<I>(ts::cpu::pow, {3, 5}), 243);
  EXPECT_EQ(call<I>(ts::cpu::pow, {-1, -3}), -1);
  EXPECT_EQ(call<I>(ts::cpu::pow, {2, -1}), 0);
  EXPECT_EQ(call<I>(ts::cpu::gcd, {-12, 18}), 6);
  EXPECT_EQ(call<I>(ts::cpu::lcm, {4, -6}), 12);
  EXPECT_EQ(call<I>(ts::cpu::bitwise_left_shift, {1, 64}), 0);
  EXPECT_EQ(call<I>(ts::cpu::bitwise_right_shift, {-5, 64}), -1);
}

TEST(Pointwise, DivisionByZeroIsReportedFromAnyThread) {
  std::vector<std::int64_t> a(200000, 7), b(200000, 2);
  b[131072] = 0;
  EXPECT_THROW((apply<std::int64_t, std::int64_t>(ts::cpu::floor_divide, {a, b}, {})), ts::ValueError);
}

TEST(Pointwise, AMissingComputeTypeIsAnError) {
  EXPECT_THROW(call<std::int64_t>(ts::cpu::sigmoid, {1}), ts::DTypeError);
  EXPECT_THROW(call<float>(ts::cpu::bitwise_and, {1, 1}), ts::DTypeError);
}

// ---------------------------------------------------------------------------------------------------------------------
// Conversions
// ---------------------------------------------------------------------------------------------------------------------

std::vector<char> convert(DType from, DType to, const std::vector<char>& source) {
  const std::int64_t count = static_cast<std::int64_t>(source.size()) / ts::item_size(from);
  std::vector<char> result(static_cast<std::size_t>(count * ts::item_size(to)));
  PointwiseArgs args;
  args.ndim = 1;
  args.operand_count = 2;
  args.numel = args.sizes[0] = count;
  args.compute = DType::Float64;
  args.operands[0] = {result.data(), to, {1}};
  args.operands[1] = {const_cast<char*>(source.data()), from, {1}};
  ts::cpu::strided_copy(args);
  return result;
}

template <class T>
std::vector<char> bytes_of(const std::vector<T>& values) {
  std::vector<char> bytes(values.size() * sizeof(T));
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

TEST(PointwiseCopy, ConvertsBetweenAllDTypes) {
  // Exact in every dtype except bool.
  const double values[] = {0, 1, 2, 3, 5, 17, 100, 127};
  ts::test::for_each_simd_target([&](const char*) {
    for (const DType from : kDTypes) {
      for (const DType to : kDTypes) {
        std::vector<char> source(static_cast<std::size_t>(1003 * ts::item_size(from)));
        for (int i = 0; i < 1003; ++i) {
          write(from, &source[static_cast<std::size_t>(i * ts::item_size(from))], values[i % 8]);
        }
        const std::vector<char> result = convert(from, to, source);
        for (int i = 0; i < 1003; ++i) {
          const double value = read(from, &source[static_cast<std::size_t>(i * ts::item_size(from))]);
          const double expected = to == DType::Bool ? value != 0 : value;
          ASSERT_EQ(read(to, &result[static_cast<std::size_t>(i * ts::item_size(to))]), expected)
              << ts::dtype_name(from) << " to " << ts::dtype_name(to) << " at " << i;
        }
      }
    }
  });
}

TEST(PointwiseCopy, EveryHalfWidensExactly) {
  std::vector<std::uint16_t> all(65536);
  std::iota(all.begin(), all.end(), std::uint16_t{0});
  ts::test::for_each_simd_target([&](const char*) {
    const std::vector<char> halves = convert(DType::Float16, DType::Float32, bytes_of(all));
    const std::vector<char> brains = convert(DType::BFloat16, DType::Float32, bytes_of(all));
    for (std::size_t i = 0; i < all.size(); ++i) {
      const float half = read_as<float>(&halves[i * 4]), expected_half = ts::to_float(ts::Half{all[i]});
      const float brain = read_as<float>(&brains[i * 4]), expected_brain = ts::to_float(ts::BFloat16{all[i]});
      ASSERT_TRUE(half == expected_half || (std::isnan(half) && std::isnan(expected_half))) << i;
      ASSERT_EQ(std::signbit(half), std::signbit(expected_half)) << i;
      ASSERT_TRUE(brain == expected_brain || (std::isnan(brain) && std::isnan(expected_brain))) << i;
    }
  });
}

TEST(PointwiseCopy, NarrowsToHalfRoundingToNearestEven) {
  std::vector<float> values;
  for (std::uint32_t high = 0; high < 65536; ++high) {
    // Around each pattern of the upper half: exact, just above, tie, and just below the next one.
    for (const std::uint32_t low : {0x0000u, 0x0001u, 0x0fffu, 0x1000u, 0x1001u, 0x7fffu, 0x8000u, 0x8001u, 0xffffu}) {
      values.push_back(ts::detail::float_from_bits(high << 16 | low));
    }
  }
  ts::test::for_each_simd_target([&](const char*) {
    const std::vector<char> halves = convert(DType::Float32, DType::Float16, bytes_of(values));
    const std::vector<char> brains = convert(DType::Float32, DType::BFloat16, bytes_of(values));
    for (std::size_t i = 0; i < values.size(); ++i) {
      const std::uint16_t half = read_as<std::uint16_t>(&halves[i * 2]), brain = read_as<std::uint16_t>(&brains[i * 2]);
      if (std::isnan(values[i])) {
        ASSERT_TRUE(std::isnan(ts::to_float(ts::Half{half})) && std::isnan(ts::to_float(ts::BFloat16{brain})));
      } else {
        ASSERT_EQ(half, ts::to_half(values[i]).bits) << std::hexfloat << values[i];
        ASSERT_EQ(brain, ts::to_bfloat16(values[i]).bits) << std::hexfloat << values[i];
      }
    }
  });
}

TEST(PointwiseCopy, FloatingToIntegerTruncatesAndStaysDefined) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const std::vector<float> values = {1.9f, -1.9f, 300.5f, -1.0f, 3e9f, 1e30f, -1e30f, nan, 2147483520.0f, -0.5f};
  const std::int32_t int32[] = {1, -1, 300, -1, INT32_MIN, INT32_MIN, INT32_MIN, INT32_MIN, 2147483520, 0};
  const std::int64_t int64[] = {1, -1, 300, -1, 3000000000, INT64_MIN, INT64_MIN, INT64_MIN, 2147483520, 0};
  ts::test::for_each_simd_target([&](const char*) {
    const std::vector<char> to32 = convert(DType::Float32, DType::Int32, bytes_of(values));
    const std::vector<char> to64 = convert(DType::Float32, DType::Int64, bytes_of(values));
    const std::vector<char> to8 = convert(DType::Float32, DType::UInt8, bytes_of(values));
    const std::vector<char> to_bool = convert(DType::Float32, DType::Bool, bytes_of(values));
    for (std::size_t i = 0; i < values.size(); ++i) {
      EXPECT_EQ(read_as<std::int32_t>(&to32[i * 4]), int32[i]) << values[i];
      EXPECT_EQ(read_as<std::int64_t>(&to64[i * 8]), int64[i]) << values[i];
      EXPECT_EQ(read_as<std::uint8_t>(&to8[i]), static_cast<std::uint8_t>(int64[i])) << values[i];
      EXPECT_EQ(read_as<std::uint8_t>(&to_bool[i]), 1) << values[i];
    }
  });
}

// ---------------------------------------------------------------------------------------------------------------------
// Layouts
// ---------------------------------------------------------------------------------------------------------------------

// A loop of random shape over operands of random dtype and layout. Values are small integers, for which sums and
// products are exact in every dtype, so results must match bit for bit.
class RandomLoop {
 public:
  RandomLoop(std::mt19937& random, int operands) : random_(random), memory_(static_cast<std::size_t>(operands)) {
    args_.ndim = pick(0, 5);
    args_.operand_count = operands;
    args_.numel = 1;
    for (int d = 0; d < args_.ndim; ++d) {
      args_.sizes[d] = pick(0, 12) == 0 ? pick(0, 1) : pick(0, 6) == 0 ? pick(30, 150) : pick(1, 9);
      if (args_.numel * args_.sizes[d] > 60000) args_.sizes[d] = 2;
      args_.numel *= args_.sizes[d];
    }
    bool floating = false;
    for (int k = 0; k < operands; ++k) {
      args_.operands[k].dtype = kDTypes[pick(0, 9)];
      if (k > 0) floating = floating || ts::is_floating(args_.operands[k].dtype);
    }
    args_.compute = floating ? (pick(0, 1) ? DType::Float32 : DType::Float64) : DType::Int64;
    if (pick(0, 2) == 0) {  // the direct paths, which random dtypes rarely take
      for (int k = 0; k < operands; ++k) args_.operands[k].dtype = args_.compute;
    }
    for (int k = 0; k < operands; ++k) lay_out(k);
  }

  PointwiseArgs& args() { return args_; }

  // Fills the result's memory with a pattern, calls the kernel, and compares every element, and the gaps,
  // with `expected`.
  void check(Kernel kernel, const std::function<double(const double*)>& expected) {
    std::vector<char>& out = memory_[0];
    std::fill(out.begin(), out.end(), char{0x11});
    std::vector<char> reference = out;
    const std::int64_t item = ts::item_size(args_.operands[0].dtype);
    for (std::int64_t i = 0; i < args_.numel; ++i) {
      double values[PointwiseArgs::kMaxOperands];
      for (int k = 1; k < args_.operand_count; ++k) {
        values[k - 1] = read(args_.operands[k].dtype, address(k, i, memory_[static_cast<std::size_t>(k)]));
      }
      write(args_.operands[0].dtype, address(0, i, reference), expected(values));
    }
    kernel(args_);
    if (out == reference) return;
    std::string layout;
    for (int d = 0; d < args_.ndim; ++d) {
      layout += " " + std::to_string(args_.sizes[d]) + ":";
      for (int k = 0; k < args_.operand_count; ++k) layout += std::to_string(args_.operands[k].strides[d]) + ",";
    }
    ADD_FAILURE() << "wrong for sizes and strides" << layout << ", item " << item << ", computed in "
                  << ts::dtype_name(args_.compute);
  }

 private:
  std::int64_t pick(int low, int high) { return std::uniform_int_distribution<int>(low, high)(random_); }

  // Dense in a random order of the dimensions, sometimes with gaps; inputs may be broadcast along some dimensions.
  void lay_out(int k) {
    std::vector<int> order(static_cast<std::size_t>(args_.ndim));
    std::iota(order.begin(), order.end(), 0);
    if (pick(0, 2) == 0) std::shuffle(order.begin(), order.end(), random_);
    std::int64_t stride = pick(0, 4) == 0 ? 2 : 1;
    for (auto d = order.rbegin(); d != order.rend(); ++d) {
      if (k > 0 && pick(0, 4) == 0) {
        args_.operands[k].strides[*d] = 0;
        continue;
      }
      args_.operands[k].strides[*d] = stride;
      stride *= std::max<std::int64_t>(1, args_.sizes[*d]) + (pick(0, 5) == 0 ? 1 : 0);
    }
    const DType dtype = args_.operands[k].dtype;
    std::vector<char>& memory = memory_[static_cast<std::size_t>(k)];
    memory.resize(static_cast<std::size_t>(stride * ts::item_size(dtype)));
    for (std::size_t i = 0; i < memory.size(); i += static_cast<std::size_t>(ts::item_size(dtype))) {
      write(dtype, &memory[i], static_cast<double>(pick(0, 5)));
    }
    args_.operands[k].data = memory.data();
  }

  char* address(int k, std::int64_t index, std::vector<char>& memory) const {
    std::int64_t offset = 0;
    for (int d = args_.ndim - 1; d >= 0; --d) {
      offset += index % args_.sizes[d] * args_.operands[k].strides[d];
      index /= args_.sizes[d];
    }
    return &memory[static_cast<std::size_t>(offset * ts::item_size(args_.operands[k].dtype))];
  }

  std::mt19937& random_;
  PointwiseArgs args_;
  std::vector<std::vector<char>> memory_;
};

void add_coalesced(const PointwiseArgs& args) {
  PointwiseArgs shorter = args;
  ts::coalesce(shorter);
  ts::cpu::add(shorter);
}
void copy_coalesced(const PointwiseArgs& args) {
  PointwiseArgs shorter = args;
  ts::coalesce(shorter);
  ts::cpu::strided_copy(shorter);
}

TEST(PointwiseLayout, AnyShapeStrideAndDTypeGivesTheSame) {
  ts::test::for_each_simd_target([](const char*) {
    std::mt19937 random(17);
    for (int round = 0; round < 500 && !testing::Test::HasFailure(); ++round) {
      const auto sum = [](const double* x) { return x[0] + x[1]; };
      const auto identity = [](const double* x) { return x[0]; };
      const auto less = [](const double* x) { return x[0] < x[1] ? 1.0 : 0.0; };
      const auto choose = [](const double* x) { return x[0] != 0 ? x[1] : x[2]; };
      RandomLoop binary(random, 3);
      binary.args().params[0] = 1;
      binary.check(round % 2 ? ts::cpu::add : add_coalesced, sum);
      binary.check(ts::cpu::lt, less);
      RandomLoop unary(random, 2);
      unary.check(round % 2 ? ts::cpu::strided_copy : copy_coalesced, identity);
      RandomLoop ternary(random, 4);
      ternary.check(ts::cpu::where, choose);
    }
  });
}

TEST(PointwiseLayout, EverySizeFromZeroToSeveralVectors) {
  ts::test::for_each_simd_target([](const char*) {
    for (std::size_t size = 0; size <= 100; ++size) {
      // The buffers have one element more than is computed, which must not change.
      std::vector<float> a(size + 1), b(size + 1), result(size + 1, -1.0f);
      for (std::size_t i = 0; i <= size; ++i) {
        a[i] = static_cast<float>(i);
        b[i] = 0.5f;
      }
      std::vector<std::uint8_t> truth(size + 1, 7);
      PointwiseArgs args;
      args.ndim = 1;
      args.operand_count = 3;
      args.numel = args.sizes[0] = static_cast<std::int64_t>(size);
      args.compute = DType::Float32;
      args.operands[0] = {result.data(), DType::Float32, {1}};
      args.operands[1] = {a.data(), DType::Float32, {1}};
      args.operands[2] = {b.data(), DType::Float32, {1}};
      args.params[0] = 1;
      ts::cpu::add(args);
      args.operands[0] = {truth.data(), DType::Bool, {1}};
      ts::cpu::gt(args);
      for (std::size_t i = 0; i < size; ++i) {
        ASSERT_EQ(result[i], a[i] + 0.5f);
        ASSERT_EQ(truth[i], a[i] > 0.5f ? 1 : 0);
      }
      ASSERT_EQ(result[size], -1.0f);
      ASSERT_EQ(truth[size], 7);
    }
  });
}

TEST(PointwiseLayout, ZeroDimensions) {
  double a = 3, b = 4, result = 0;
  PointwiseArgs args;
  args.ndim = 0;
  args.operand_count = 3;
  args.numel = 1;
  args.compute = DType::Float64;
  args.operands[0].data = &result;
  args.operands[1].data = &a;
  args.operands[2].data = &b;
  for (int k = 0; k < 3; ++k) args.operands[k].dtype = DType::Float64;
  ts::cpu::mul(args);
  EXPECT_EQ(result, 12);
  args.operand_count = 2;
  ts::cpu::strided_copy(args);
  EXPECT_EQ(result, 3);
}

TEST(PointwiseLayout, InPlaceAndTruthIntoOtherDTypes) {
  std::vector<float> x(1000);
  std::iota(x.begin(), x.end(), -500.0f);
  PointwiseArgs args;
  args.ndim = 1;
  args.operand_count = 3;
  args.numel = args.sizes[0] = 1000;
  args.compute = DType::Float32;
  float zero = 0;
  args.operands[0] = {x.data(), DType::Float32, {1}};
  args.operands[1] = {x.data(), DType::Float32, {1}};
  args.operands[2] = {&zero, DType::Float32, {0}};
  ts::cpu::gt(args);  // x.gt_(0)
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(x[static_cast<std::size_t>(i)], i > 500 ? 1 : 0);
}

TEST(PointwiseLayout, BitwiseNotOfBoolIsLogical) {
  std::uint8_t source[3] = {0, 1, 1}, result[3] = {9, 9, 9};
  PointwiseArgs args;
  args.ndim = 1;
  args.operand_count = 2;
  args.numel = args.sizes[0] = 3;
  args.compute = DType::Int64;
  args.operands[0] = {result, DType::Bool, {1}};
  args.operands[1] = {source, DType::Bool, {1}};
  ts::cpu::bitwise_not(args);
  EXPECT_EQ(result[0], 1);
  EXPECT_EQ(result[1], 0);
  EXPECT_EQ(result[2], 0);
}

// ---------------------------------------------------------------------------------------------------------------------
// Threads
// ---------------------------------------------------------------------------------------------------------------------

TEST(PointwiseThreads, ResultsDoNotDependOnTheirNumber) {
  const int before = ts::cpu::num_threads();
  std::mt19937 random(23);
  std::normal_distribution<float> normal(0, 3);
  // Odd sizes, so that the ranges of threads end anywhere. The last is large enough for non-temporal stores.
  for (const std::size_t size : {std::size_t{100003}, std::size_t{7000001}}) {
    std::vector<float> x(size);
    for (float& value : x) value = normal(random);
    ts::test::for_each_simd_target([&](const char* target) {
      if (size > 1000000 && std::strcmp(target, "AVX3") != 0 && std::strcmp(target, "AVX2") != 0) return;
      for (const Kernel kernel : {ts::cpu::gelu_erf, ts::cpu::sin, ts::cpu::tanh, ts::cpu::strided_copy}) {
        ts::cpu::set_num_threads(1);
        const std::vector<float> one = apply<float, float>(kernel, {x}, {});
        for (const int threads : {2, 3}) {
          ts::cpu::set_num_threads(threads);
          const std::vector<float> many = apply<float, float>(kernel, {x}, {});
          ASSERT_EQ(std::memcmp(one.data(), many.data(), size * sizeof(float)), 0);
        }
        // Nor do they depend on an element's position: shifted by one, all elements are in different lanes.
        const std::vector<float> shifted(x.begin() + 1, x.end());
        const std::vector<float> result = apply<float, float>(kernel, {shifted}, {});
        ASSERT_EQ(std::memcmp(one.data() + 1, result.data(), result.size() * sizeof(float)), 0);
      }
    });
  }
  ts::cpu::set_num_threads(before);
}

}  // namespace
