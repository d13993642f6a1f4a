// The matrix product against a reference in double precision.
//
// Tolerance: a sum of k products, rounded at each step, in any order and with or without fused multiply-add, has an
// error of at most about (k + few) * eps * sum |a b| (Higham, "Accuracy and Stability of Numerical Algorithms", section
// 3.1). The reference computes that sum of magnitudes along with the value.
#include "cpu/simd_target.h"

#include "cpu/gemm.h"

#include <gtest/gtest.h>
#include <hwy/targets.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <type_traits>
#include <vector>

#include "cpu/thread_pool.h"

namespace ts::cpu {
namespace {

double value_of(Half x) { return to_float(x); }
double value_of(BFloat16 x) { return to_float(x); }
template <class T>
double value_of(T x) {
  return static_cast<double>(x);
}

template <class T>
T from_double(double x) {
  if constexpr (std::is_same_v<T, Half>) {
    return to_half(static_cast<float>(x));
  } else if constexpr (std::is_same_v<T, BFloat16>) {
    return to_bfloat16(static_cast<float>(x));
  } else {
    return static_cast<T>(x);
  }
}

// Relative rounding errors of the stored type and of the sums.
template <class T>
double storage_epsilon() {
  if constexpr (std::is_same_v<T, Half>) return std::ldexp(1.0, -11);
  if constexpr (std::is_same_v<T, BFloat16>) return std::ldexp(1.0, -8);
  if constexpr (std::is_floating_point_v<T>) return std::numeric_limits<T>::epsilon() / 2;
  return 0;
}
template <class T>
double sum_epsilon() {
  if constexpr (std::is_integral_v<T>) return 0;
  return std::numeric_limits<GemmScalar<T>>::epsilon() / 2;
}

// Half the spacing of the smallest numbers; below them the rounding error is absolute.
template <class T>
double underflow() {
  return std::is_same_v<T, Half> ? std::ldexp(1.0, -25) : 0;
}

enum class Layout { Rows, Columns, Strided };

// A matrix in its own buffer, with NaN (or a large integer) in all memory that is not an element.
template <class T>
struct Matrix {
  std::vector<T> buffer;
  GemmOperand<T> operand;

  double at(int64_t i, int64_t j) const {
    return value_of(operand.data[i * operand.row_stride + j * operand.col_stride]);
  }
};

template <class T>
T poison() {
  if constexpr (std::is_integral_v<T>) return static_cast<T>(77);
  return from_double<T>(std::numeric_limits<double>::quiet_NaN());
}

template <class T>
Matrix<T> random_matrix(int64_t rows, int64_t cols, Layout layout, std::mt19937& random) {
  Matrix<T> x;
  const int64_t row_stride = layout == Layout::Rows ? cols : layout == Layout::Columns ? 1 : 2 * cols + 3;
  const int64_t col_stride = layout == Layout::Rows ? 1 : layout == Layout::Columns ? rows : 2;
  const int64_t size = rows > 0 && cols > 0 ? (rows - 1) * row_stride + (cols - 1) * col_stride + 1 : 0;
  x.buffer.assign(static_cast<size_t>(size), poison<T>());
  std::uniform_real_distribution<double> real(-1, 1);
  std::uniform_int_distribution<int> integer(0, 9);
  for (int64_t i = 0; i < rows; ++i) {
    for (int64_t j = 0; j < cols; ++j) {
      const double value = std::is_integral_v<T> ? integer(random) : real(random);
      x.buffer[static_cast<size_t>(i * row_stride + j * col_stride)] = from_double<T>(value);
    }
  }
  x.operand = {x.buffer.data(), row_stride, col_stride};
  return x;
}

template <class T>
std::vector<T> random_vector(int64_t size, std::mt19937& random) {
  return random_matrix<T>(1, size, Layout::Rows, random).buffer;
}

// Integers wrap around like the type.
template <class T>
double stored(double x) {
  if constexpr (std::is_integral_v<T>) return static_cast<double>(static_cast<T>(static_cast<int64_t>(x)));
  return x;
}

struct Case {
  int64_t m, n, k;
  Layout a = Layout::Rows, b = Layout::Rows;
  GemmBias bias = GemmBias::None;
  GemmActivation activation = GemmActivation::None;
  double alpha = 1, beta = 0;
};

std::string describe(const Case& c) {
  std::string s = std::to_string(c.m) + " x " + std::to_string(c.n) + " x " + std::to_string(c.k);
  s += ", layouts " + std::to_string(static_cast<int>(c.a)) + " " + std::to_string(static_cast<int>(c.b));
  s += ", bias " + std::to_string(static_cast<int>(c.bias));
  s += ", activation " + std::to_string(static_cast<int>(c.activation));
  return s + ", alpha " + std::to_string(c.alpha) + ", beta " + std::to_string(c.beta) + ", " + simd_target_name();
}

// Compares the result, and checks that nothing outside C was written.
template <class T>
void check(const Case& x) {
  std::mt19937 random(static_cast<unsigned>(x.m * 10007 + x.n * 101 + x.k));
  const Matrix<T> a = random_matrix<T>(x.m, x.k, x.a, random);
  const Matrix<T> b = random_matrix<T>(x.k, x.n, x.b, random);
  const int64_t c_row_stride = x.n + 3;
  const std::vector<T> bias = random_vector<T>(std::max(x.m, x.n), random);
  std::vector<T> c(static_cast<size_t>(x.m * c_row_stride), poison<T>());
  const std::vector<T> old = random_vector<T>(x.m * x.n, random);
  if (x.beta != 0) {  // otherwise C stays poisoned, because it must not be read
    for (int64_t i = 0; i < x.m; ++i) std::copy_n(old.data() + i * x.n, x.n, c.data() + i * c_row_stride);
  }
  GemmEpilogue<T> epilogue;
  epilogue.bias = x.bias == GemmBias::None ? nullptr : bias.data();
  epilogue.bias_kind = x.bias;
  epilogue.activation = x.activation;
  epilogue.alpha = static_cast<GemmScalar<T>>(x.alpha);
  epilogue.beta = static_cast<GemmScalar<T>>(x.beta);
  gemm<T>(x.m, x.n, x.k, a.operand, b.operand, c.data(), c_row_stride, epilogue);

  const T guard = poison<T>();
  for (int64_t i = 0; i < x.m; ++i) {
    for (int64_t j = 0; j < c_row_stride; ++j) {
      const T& actual = c[static_cast<size_t>(i * c_row_stride + j)];
      if (j >= x.n) {
        ASSERT_EQ(std::memcmp(&actual, &guard, sizeof guard), 0) << "outside row " << i << " of " << describe(x);
        continue;
      }
      double sum = 0, magnitude = 0;
      for (int64_t p = 0; p < x.k; ++p) {
        sum += a.at(i, p) * b.at(p, j);
        magnitude += std::abs(a.at(i, p) * b.at(p, j));
      }
      double expected = x.alpha * sum;
      magnitude *= std::abs(x.alpha);
      if (x.beta != 0) {
        const double before = x.beta * value_of(old[static_cast<size_t>(i * x.n + j)]);
        expected += before;
        magnitude += std::abs(before);
      }
      if (x.bias != GemmBias::None) {
        const double add = value_of(bias[static_cast<size_t>(x.bias == GemmBias::PerRow ? i : j)]);
        expected += add;
        magnitude += std::abs(add);
      }
      expected = stored<T>(expected);
      if (x.activation == GemmActivation::ReLU) expected = std::max(expected, 0.0);
      const double sum_error = static_cast<double>(x.k + 4) * sum_epsilon<T>() * magnitude * 1.01;
      const double tolerance = sum_error + storage_epsilon<T>() * (std::abs(expected) + sum_error) + underflow<T>();
      ASSERT_LE(std::abs(value_of(actual) - expected), tolerance)
          << "at " << i << ", " << j << ": " << value_of(actual) << " for " << expected << "; " << describe(x);
    }
  }
}

// Runs `body` once for every instruction set that this build and this machine support, and once for integers, which
// use none.
template <class T, class Body>
void on_every_target(Body body) {
  select_simd_target();
  if (std::is_integral_v<T>) return body();
  for (const int64_t target : hwy::SupportedAndGeneratedTargets()) {
    hwy::SetSupportedTargetsForTest(target);
    body();
    hwy::SetSupportedTargetsForTest(0);
    if (testing::Test::HasFatalFailure()) return;
  }
}

class ThreadCount {
 public:
  explicit ThreadCount(int count) : before_(num_threads()) { set_num_threads(count); }
  ~ThreadCount() { set_num_threads(before_); }

 private:
  int before_;
};

template <class T>
class GemmTest : public testing::Test {};
using AllTypes = testing::Types<float, double, Half, BFloat16, int8_t, uint8_t, int16_t, int32_t, int64_t>;
TYPED_TEST_SUITE(GemmTest, AllTypes);

constexpr Layout kLayouts[] = {Layout::Rows, Layout::Columns, Layout::Strided};

TYPED_TEST(GemmTest, AllLayoutsAndOddSizes) {
  on_every_target<TypeParam>([] {
    for (const int64_t m : {0, 1, 2, 3, 5, 13, 17, 33, 70}) {
      for (const int64_t n : {0, 1, 3, 4, 8, 15, 31, 49, 70}) {
        for (const int64_t k : {0, 1, 2, 7, 16, 35}) {
          for (const Layout a : kLayouts) {
            for (const Layout b : kLayouts) check<TypeParam>({m, n, k, a, b});
          }
        }
      }
    }
  });
}

TYPED_TEST(GemmTest, Epilogues) {
  on_every_target<TypeParam>([] {
    constexpr int64_t sizes[][3] = {{1, 5, 9}, {9, 1, 3}, {3, 40, 20}, {29, 67, 31}, {15, 32, 0}, {64, 10, 300}};
    for (const auto& [m, n, k] : sizes) {
      for (const Layout b : {Layout::Rows, Layout::Columns}) {
        for (const auto bias : {GemmBias::None, GemmBias::PerColumn, GemmBias::PerRow}) {
          for (const auto activation : {GemmActivation::None, GemmActivation::ReLU}) {
            for (const double alpha : {1, 3}) {
              for (const double beta : {0, 1, 2}) {
                check<TypeParam>({m, n, k, Layout::Rows, b, bias, activation, alpha, beta});
              }
            }
          }
        }
      }
    }
  });
}

// Sizes larger than every block: several blocks of k, packed and unpacked operands, rows and columns divided
// into tasks.
TYPED_TEST(GemmTest, ManyBlocks) {
  on_every_target<TypeParam>([] {
    for (const Layout a : kLayouts) {
      for (const Layout b : kLayouts) {
        check<TypeParam>({150, 230, 600, a, b, GemmBias::PerColumn, GemmActivation::ReLU, 1, 1});
      }
    }
    check<TypeParam>({3, 500, 700, Layout::Rows, Layout::Rows, GemmBias::PerRow, GemmActivation::None, 2, 1});
    check<TypeParam>({500, 4, 700, Layout::Rows, Layout::Columns});
    check<TypeParam>({2, 4500, 20});
    check<TypeParam>({4500, 33, 20, Layout::Columns, Layout::Columns});
  });
}

TYPED_TEST(GemmTest, EverySmallSize) {
  for (int64_t size = 0; size <= 70; ++size) {
    check<TypeParam>({size, 35, 12});
    check<TypeParam>({19, size, 12});
    check<TypeParam>({19, 35, size});
    check<TypeParam>({size, size, size, Layout::Columns, Layout::Columns});
  }
}

TYPED_TEST(GemmTest, Batched) {
  const int64_t m = 13, n = 21, k = 9;
  for (const int64_t batch : {0, 1, 3, 40}) {
    for (const bool share_a : {false, true}) {
      for (const bool share_b : {false, true}) {
        for (const auto bias : {GemmBias::None, GemmBias::PerColumn, GemmBias::PerRow}) {
          std::mt19937 random(7);
          const auto a = random_vector<TypeParam>((share_a ? 1 : batch) * m * k, random);
          const auto b = random_vector<TypeParam>((share_b ? 1 : batch) * k * n, random);
          const auto add = random_vector<TypeParam>(n, random);
          const GemmEpilogue<TypeParam> epilogue = {add.data(), bias};
          const GemmBatchStrides strides = {share_a ? 0 : m * k, share_b ? 0 : k * n, m * n};
          std::vector<TypeParam> c(static_cast<size_t>(batch * m * n)), expected = c;
          gemm_batched<TypeParam>(batch, m, n, k, {a.data(), k, 1}, {b.data(), n, 1}, c.data(), n, strides, epilogue);
          for (int64_t i = 0; i < batch; ++i) {
            gemm<TypeParam>(m, n, k, {a.data() + i * strides.a, k, 1}, {b.data() + i * strides.b, n, 1},
                            expected.data() + i * strides.c, n, epilogue);
          }
          if (batch == 0) continue;  // nothing to compare; it must only not crash
          ASSERT_EQ(std::memcmp(c.data(), expected.data(), c.size() * sizeof(TypeParam)), 0)
              << batch << " products, shared A " << share_a << ", shared B " << share_b;
        }
      }
    }
  }
}

TYPED_TEST(GemmTest, SameBitsWithAnyNumberOfThreads) {
  for (const Case& x : {Case{150, 300, 700}, Case{1, 4000, 500}, Case{3, 2000, 900, Layout::Rows, Layout::Columns},
                        Case{1000, 1, 900}, Case{700, 70, 70, Layout::Columns, Layout::Columns}}) {
    std::mt19937 random(3);
    const auto a = random_matrix<TypeParam>(x.m, x.k, x.a, random);
    const auto b = random_matrix<TypeParam>(x.k, x.n, x.b, random);
    std::vector<TypeParam> results[3];
    const int threads[3] = {1, 2, 5};
    for (int i = 0; i < 3; ++i) {
      const ThreadCount count(threads[i]);
      results[i].resize(static_cast<size_t>(x.m * x.n));
      gemm<TypeParam>(x.m, x.n, x.k, a.operand, b.operand, results[i].data(), x.n);
    }
    for (int i = 1; i < 3; ++i) {
      ASSERT_EQ(std::memcmp(results[0].data(), results[i].data(), results[0].size() * sizeof(TypeParam)), 0)
          << threads[i] << " threads; " << describe(x);
    }
  }
}

TEST(GemmSpecialValues, NaNAndInfinityPropagate) {
  const float inf = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
  on_every_target<float>([&] {
    for (const int64_t m : {1, 5, 64}) {
      for (const Layout layout : {Layout::Rows, Layout::Columns}) {
        std::mt19937 random(1);
        const int64_t n = 37, k = 20;
        auto a = random_matrix<float>(m, k, Layout::Rows, random);
        auto b = random_matrix<float>(k, n, layout, random);
        a.buffer[3] = nan;  // row 0
        for (float& x : b.buffer) x = std::abs(x) + 1;
        if (m > 1) {  // row 1: 0 * inf is NaN, and large numbers give infinity
          std::fill_n(&a.buffer[static_cast<size_t>(k)], k, 0.0f);
          b.buffer[0] = inf;
        }
        std::vector<float> c(static_cast<size_t>(m * n));
        GemmEpilogue<float> epilogue;
        epilogue.activation = GemmActivation::ReLU;
        gemm<float>(m, n, k, a.operand, b.operand, c.data(), n, epilogue);
        for (int64_t j = 0; j < n; ++j) ASSERT_TRUE(std::isnan(c[static_cast<size_t>(j)]));
        if (m > 1) {
          ASSERT_TRUE(std::isnan(c[static_cast<size_t>(n)]));
          ASSERT_EQ(c[static_cast<size_t>(n + 1)], 0.0f);
        }
      }
    }
  });
}

TEST(GemmSpecialValues, NegativeAndZeroStrides) {
  // A has a negative stride, and all rows of B are the same.
  const std::vector<float> a = {1, 2, 3, 4, 5, 6}, b = {1, 10};
  std::vector<float> c(4);
  gemm<float>(2, 2, 3, {a.data() + 5, -3, -1}, {b.data(), 0, 1}, c.data(), 2);
  EXPECT_EQ(c, (std::vector<float>{15, 150, 6, 60}));
}

}  // namespace
}  // namespace ts::cpu
