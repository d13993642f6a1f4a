// The matrix product of 16-bit floats, beyond what gemm_test.cpp covers: its kernels one by one, compared bit by bit
// with the conversions of dtype.h, so that kernels which a machine with a bfloat16 dot product never selects are tested
// there too; and the differences between that dot product and float arithmetic.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <type_traits>
#include <utility>
#include <vector>

#include "cpu/cache_size.h"
#include "cpu/gemm_kernel_set.h"
#include "cpu/thread_pool.h"
#include "simd_targets.h"

namespace ts::cpu {
namespace {

using test::for_each_simd_target;

template <class T>
T narrow(float x) {
  if constexpr (std::is_same_v<T, Half>) {
    return to_half(x);
  } else {
    return to_bfloat16(x);
  }
}

// Equal bits, except that any two NaNs are equal, since processors differ in the quiet bit and the sign that they set.
bool same(float x, float y) { return std::isnan(x) ? std::isnan(y) : std::memcmp(&x, &y, sizeof x) == 0; }

// A panel of the matrix src(x, p), stored at src[x * x_stride + p * k_stride].
struct Panel {
  int64_t width, k, x_stride, k_stride;
};

// Panels contiguous along x, contiguous along k with even and odd row distances, and neither; with widths below, at and
// beyond a vector.
std::vector<Panel> panels(int64_t max_width) {
  std::vector<Panel> result;
  for (const int64_t width : {int64_t{1}, int64_t{3}, int64_t{6}, int64_t{14}, max_width - 1, max_width}) {
    for (const int64_t k : {1, 2, 7, 64, 65, 200}) {
      result.push_back({width, k, 1, width});
      result.push_back({width, k, 1, width + 5});
      result.push_back({width, k, k, 1});
      result.push_back({width, k, k + 1, 1});
      result.push_back({width, k, 3, 3 * width + 2});
    }
  }
  return result;
}

template <class T>
std::vector<T> every_bit_pattern() {
  std::vector<T> all(65536);
  for (size_t i = 0; i < all.size(); ++i) all[i].bits = static_cast<uint16_t>(i * 40503);  // a permutation
  return all;
}

template <class T>
class GemmHalfTest : public testing::Test {};
using HalfTypes = testing::Types<Half, BFloat16>;
TYPED_TEST_SUITE(GemmHalfTest, HalfTypes);

TYPED_TEST(GemmHalfTest, PackingWidensExactly) {
  using T = TypeParam;
  const std::vector<T> source = every_bit_pattern<T>();
  for_each_simd_target([&](const char*) {
    const GemmKernelSet<T>& kernel = gemm_kernels<T>();
    const int64_t max_width = 2 * kernel.lanes;
    for (const Panel& x : panels(max_width)) {
      const bool is_b = x.width % 2 != 0;  // zeros follow up to a whole vector, or else nothing
      const int64_t panel_width = is_b ? (x.width + kernel.lanes - 1) / kernel.lanes * kernel.lanes : x.width;
      std::vector<float> packed(static_cast<size_t>(x.k * panel_width + 1), 77.0f);
      const T* const from = source.data() + 1;
      kernel.pack(x.width, x.k, from, x.x_stride, x.k_stride, packed.data(), panel_width);
      for (int64_t p = 0; p < x.k; ++p) {
        for (int64_t i = 0; i < panel_width; ++i) {
          const float expected = i < x.width ? to_float(from[i * x.x_stride + p * x.k_stride]) : 0.0f;
          ASSERT_TRUE(same(packed[static_cast<size_t>(p * panel_width + i)], expected))
              << i << ", " << p << " of " << x.width << " x " << x.k << ", strides " << x.x_stride << " and "
              << x.k_stride << ": " << expected;
        }
      }
      ASSERT_EQ(packed.back(), 77.0f) << "beyond the panel";
    }
    // Each of the 65536 bit patterns once.
    std::vector<float> all(source.size());
    kernel.pack(kernel.lanes, static_cast<int64_t>(source.size()) / kernel.lanes, source.data(), 1, kernel.lanes,
                all.data(), kernel.lanes);
    for (size_t i = 0; i < all.size(); ++i) {
      ASSERT_TRUE(same(all[i], to_float(source[i]))) << source[i].bits << ": " << all[i];
    }
  });
}

TYPED_TEST(GemmHalfTest, FinishRoundsOnceToNearestEven) {
  using T = TypeParam;
  // Every number of the type, the midpoint above it, and the floats next to that.
  std::vector<float> sums;
  for (const T x : every_bit_pattern<T>()) {
    const float exact = to_float(x), next = to_float(T{static_cast<uint16_t>(x.bits + 1)});
    sums.push_back(exact);
    if (!std::isfinite(exact) || !std::isfinite(next)) continue;
    const float middle = exact + (next - exact) / 2;
    for (const float y : {std::nextafter(middle, -1e38f), middle, std::nextafter(middle, 1e38f)}) sums.push_back(y);
  }
  constexpr float limit = std::numeric_limits<float>::infinity();
  for (const float y : {65519.996f, 65520.0f, 3.3961775e38f, 3.3895314e38f, limit}) {
    sums.push_back(y);
    sums.push_back(-y);
  }
  const auto count = static_cast<int64_t>(sums.size());
  for_each_simd_target([&](const char*) {
    std::vector<T> c(sums.size());
    gemm_kernels<T>().finish(1, count, sums.data(), count, c.data(), count, {1, 0, nullptr, nullptr, false});
    for (size_t i = 0; i < sums.size(); ++i) {
      ASSERT_TRUE(same(to_float(c[i]), to_float(narrow<T>(sums[i])))) << sums[i] << " became " << to_float(c[i]);
    }
  });
}

// Sums of small integers are exact in float, so there is one result in any order.
TYPED_TEST(GemmHalfTest, DotsAreExactForSmallIntegers) {
  using T = TypeParam;
  std::mt19937 random(5);
  std::uniform_int_distribution<int> integer(-9, 9);
  const int64_t rows = 6, cols = 7, stride = 211;
  std::vector<T> a(static_cast<size_t>(rows * stride)), b(static_cast<size_t>(cols * stride));
  for (T& x : a) x = narrow<T>(static_cast<float>(integer(random)));
  for (T& x : b) x = narrow<T>(static_cast<float>(integer(random)));
  for_each_simd_target([&](const char*) {
    const auto check = [&](const auto& kernel) {
      for (const int64_t k : {1, 2, 15, 16, 17, 31, 32, 33, 64, 211}) {
        std::vector<float> product(static_cast<size_t>(rows * cols));
        kernel.dots(rows, cols, k, a.data(), stride, b.data(), stride, product.data(), cols);
        for (int64_t i = 0; i < rows; ++i) {
          for (int64_t j = 0; j < cols; ++j) {
            float sum = 0;
            for (int64_t p = 0; p < k; ++p) {
              sum +=
                  to_float(a[static_cast<size_t>(i * stride + p)]) * to_float(b[static_cast<size_t>(j * stride + p)]);
            }
            ASSERT_EQ(product[static_cast<size_t>(i * cols + j)], sum) << k << " terms";
          }
        }
      }
    };
    check(gemm_kernels<T>());
    if constexpr (std::is_same_v<T, BFloat16>) {
      if (const auto* pairs = bfloat16_pair_kernels()) check(*pairs);
    }
  });
}

TYPED_TEST(GemmHalfTest, NaNAndInfinityPropagate) {
  using T = TypeParam;
  const float infinity = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
  for_each_simd_target([&](const char*) {
    for (const bool b_by_columns : {false, true}) {
      for (const int64_t m : {5, 64}) {
        const int64_t n = 37, k = 21;
        std::vector<T> a(static_cast<size_t>(m * k), narrow<T>(1)), b(static_cast<size_t>(k * n), narrow<T>(2));
        std::vector<T> c(static_cast<size_t>(m * n));
        const auto row = [&](int64_t i) { return a.begin() + i * k; };
        row(0)[20] = narrow<T>(nan);
        row(1)[4] = narrow<T>(infinity);
        row(2)[4] = narrow<T>(infinity);
        row(2)[5] = narrow<T>(-infinity);
        std::fill(row(3), row(3) + k, narrow<T>(std::is_same_v<T, Half> ? 6e4f : 3e38f));  // the sum overflows
        gemm<T>(m, n, k, {a.data(), k, 1}, {b.data(), b_by_columns ? 1 : n, b_by_columns ? k : 1}, c.data(), n);
        for (int64_t j = 0; j < n; ++j) {
          const auto at = [&](int64_t i) { return to_float(c[static_cast<size_t>(i * n + j)]); };
          ASSERT_TRUE(std::isnan(at(0)));
          ASSERT_EQ(at(1), infinity);
          ASSERT_TRUE(std::isnan(at(2)));
          ASSERT_EQ(at(3), infinity);
          ASSERT_EQ(at(4), 42);
        }
      }
    }
  });
}

// A negative stride, and a stride of zero that repeats one row or column.
TYPED_TEST(GemmHalfTest, NegativeAndZeroStrides) {
  using T = TypeParam;
  const int64_t m = 20, n = 45, k = 37;
  std::mt19937 random(9);
  std::uniform_int_distribution<int> integer(-3, 3);
  std::vector<T> a(static_cast<size_t>(m * k)), b(static_cast<size_t>(k * n));
  for (T& x : a) x = narrow<T>(static_cast<float>(integer(random)));
  for (T& x : b) x = narrow<T>(static_cast<float>(integer(random)));
  const T *const a_end = a.data() + a.size() - 1, *const b_end = b.data() + b.size() - 1;
  const GemmOperand<T> as[] = {{a_end, -k, -1}, {a_end, -1, -m}, {a.data(), 0, 1}, {a.data(), 1, 0}};
  const GemmOperand<T> bs[] = {{b_end, -n, -1}, {b_end, -1, -k}, {b.data(), 0, 1}, {b.data(), 1, 0}};
  for_each_simd_target([&](const char*) {
    for (const auto& x : as) {
      for (const auto& y : bs) {
        std::vector<T> c(static_cast<size_t>(m * n));
        gemm<T>(m, n, k, x, y, c.data(), n);
        for (int64_t i = 0; i < m; ++i) {
          for (int64_t j = 0; j < n; ++j) {
            float sum = 0;  // exact: the terms are integers and the sum is below 2^24
            for (int64_t p = 0; p < k; ++p) {
              sum += to_float(x.data[i * x.row_stride + p * x.col_stride]) *
                     to_float(y.data[p * y.row_stride + j * y.col_stride]);
            }
            ASSERT_EQ(to_float(c[static_cast<size_t>(i * n + j)]), to_float(narrow<T>(sum)))
                << i << ", " << j << ", strides " << x.row_stride << ", " << x.col_stride << " and " << y.row_stride
                << ", " << y.col_stride;
          }
        }
      }
    }
  });
}

// Partial sums that the type cannot represent survive from one block of k to the next: a large number cancels at the
// very end, and what was added to it in between must not be lost.
TYPED_TEST(GemmHalfTest, SumsAreNotRoundedBetweenBlocks) {
  using T = TypeParam;
  for_each_simd_target([](const char*) {
    for (const auto& [m, n] : {std::pair<int64_t, int64_t>{40, 30}, {30, 40}}) {
      for (const int64_t k : {700, 2500, 5001}) {
        std::vector<T> a(static_cast<size_t>(m * k), narrow<T>(1)), b(static_cast<size_t>(k * n), narrow<T>(0));
        for (int64_t j = 0; j < n; ++j) {
          const auto at = [&](int64_t p) -> T& { return b[static_cast<size_t>(p * n + j)]; };
          at(0) = narrow<T>(8192);
          at(k - 1) = narrow<T>(-8192);
          for (int64_t p = 1; p <= 100; ++p) at(p * (k - 2) / 100) = narrow<T>(1);
        }
        std::vector<T> c(static_cast<size_t>(m * n), narrow<T>(3)), bias(static_cast<size_t>(n), narrow<T>(2));
        GemmEpilogue<T> epilogue;
        epilogue.bias = bias.data();
        epilogue.bias_kind = GemmBias::PerColumn;
        epilogue.alpha = 0.5f;
        epilogue.beta = 4;
        gemm<T>(m, n, k, {a.data(), k, 1}, {b.data(), n, 1}, c.data(), n, epilogue);
        for (const T x : c) ASSERT_EQ(to_float(x), 50 + 12 + 2) << k << " terms";
      }
    }
  });
}

// Several blocks of k on each instruction set, with either operand as the outer one, and dot products.
TYPED_TEST(GemmHalfTest, SameBitsWithAnyNumberOfThreads) {
  using T = TypeParam;
  const int64_t k = 1101, largest = 200;
  std::mt19937 random(13);
  std::uniform_real_distribution<float> real(-1, 1);
  std::vector<T> a(static_cast<size_t>(largest * k)), b(a.size());
  for (T& x : a) x = narrow<T>(real(random));
  for (T& x : b) x = narrow<T>(real(random));
  const int threads_before = num_threads();
  for_each_simd_target([&](const char*) {
    for (const auto& [m, n] : {std::pair<int64_t, int64_t>{70, 200}, {200, 70}, {3, 200}}) {
      std::vector<T> c[3];
      for (const int threads : {1, 2, 5}) {
        set_num_threads(threads);
        auto& result = c[threads / 2];
        result.resize(static_cast<size_t>(m * n));
        gemm<T>(m, n, k, {a.data(), k, 1}, {b.data(), 1, k}, result.data(), n);
      }
      for (const auto& other : {c[1], c[2]}) {
        ASSERT_EQ(std::memcmp(c[0].data(), other.data(), other.size() * sizeof(T)), 0) << m << " x " << n;
      }
    }
  });
  set_num_threads(threads_before);
}

// C is so large that the buffer of its sums, half of L3, holds only a part of its rows. Samples of the result are
// compared within the bound that gemm_test.cpp explains.
TYPED_TEST(GemmHalfTest, SumsOfALargeProductAreKeptInParts) {
  using T = TypeParam;
  const int64_t n = 1040, k = 1030;
  const int64_t rows = cache_sizes().l3 / 2 / (n * static_cast<int64_t>(sizeof(float)));
  const int64_t m = std::min<int64_t>(rows, 10000) + 100;
  std::mt19937 random(11);
  std::uniform_real_distribution<float> real(-1, 1);
  std::vector<T> a(static_cast<size_t>(m * k)), b(static_cast<size_t>(k * n)), c(static_cast<size_t>(m * n));
  std::vector<T> numbers(997);
  for (T& x : numbers) x = narrow<T>(real(random));
  for (size_t i = 0; i < a.size(); ++i) a[i] = numbers[i % 997];
  for (size_t i = 0; i < b.size(); ++i) b[i] = numbers[i * 3 % 997];
  gemm<T>(m, n, k, {a.data(), k, 1}, {b.data(), n, 1}, c.data(), n);
  const double float_epsilon = 0x1p-24, epsilon = std::is_same_v<T, Half> ? 0x1p-11 : 0x1p-8;
  for (int64_t sample = 0; sample < 500; ++sample) {
    const int64_t i = sample * 7919 % m, j = sample * 104729 % n;
    double sum = 0, magnitude = 0;
    for (int64_t p = 0; p < k; ++p) {
      const double product = static_cast<double>(to_float(a[static_cast<size_t>(i * k + p)])) *
                             static_cast<double>(to_float(b[static_cast<size_t>(p * n + j)]));
      sum += product;
      magnitude += std::abs(product);
    }
    const double sum_error = static_cast<double>(k) * float_epsilon * magnitude * 1.01;
    const double tolerance = sum_error + epsilon * (std::abs(sum) + sum_error) + 0x1p-25;
    ASSERT_LE(std::abs(to_float(c[static_cast<size_t>(i * n + j)]) - sum), tolerance) << i << ", " << j;
  }
}

// Forcing a lower instruction set also disables the dot product.
TEST(GemmBFloat16Pairs, BelongToAvx512Only) {
  for_each_simd_target([](const char* name) {
    if (std::strstr(name, "AVX3") == nullptr) {
      EXPECT_EQ(bfloat16_pair_kernels(), nullptr);
    }
  });
}

TEST(GemmBFloat16Pairs, PackingInterleavesStepsOfK) {
  const std::vector<BFloat16> source = every_bit_pattern<BFloat16>();
  int tested = 0;
  for_each_simd_target([&](const char*) {
    const auto* kernel = bfloat16_pair_kernels();
    if (kernel == nullptr) return;
    ++tested;
    for (const Panel& x : panels(2 * kernel->lanes)) {
      const bool is_b = x.width % 2 != 0;
      const int64_t panel_width = is_b ? (x.width + kernel->lanes - 1) / kernel->lanes * kernel->lanes : x.width;
      const int64_t steps = (x.k + 1) / 2;
      std::vector<BFloat16Pair> packed(static_cast<size_t>(steps * panel_width + 1), {{77}, {77}});
      const BFloat16* const from = source.data() + 1;
      kernel->pack(x.width, x.k, from, x.x_stride, x.k_stride, packed.data(), panel_width);
      const auto expected = [&](int64_t i, int64_t p) {
        return i < x.width && p < x.k ? from[i * x.x_stride + p * x.k_stride].bits : 0;
      };
      for (int64_t step = 0; step < steps; ++step) {
        for (int64_t i = 0; i < panel_width; ++i) {
          const BFloat16Pair pair = packed[static_cast<size_t>(step * panel_width + i)];
          ASSERT_EQ(pair.first.bits, expected(i, 2 * step)) << i << ", " << step;
          ASSERT_EQ(pair.second.bits, expected(i, 2 * step + 1)) << i << ", " << step;
        }
      }
      ASSERT_EQ(packed.back().first.bits, 77) << "beyond the panel";
    }
  });
  if (tested == 0) GTEST_SKIP() << "this build or this machine has no bfloat16 dot product";
}

// The one difference of the dot product: subnormal operands and sums are treated as zero.
TEST(GemmBFloat16Pairs, SubnormalNumbersCountAsZeroInDotProductsOnly) {
  for_each_simd_target([](const char*) {
    const bool flushes = bfloat16_pair_kernels() != nullptr;
    const float small = 0x1p-130f;
    for (const auto& [m, n] : {std::pair<int64_t, int64_t>{2, 3}, {40, 50}}) {
      for (const auto& [x, y, product] : {std::array<float, 3>{small, 0x1p100f, 0x1p-30f},  // a subnormal operand
                                          std::array<float, 3>{0x1p-65f, 0x1p-65f, small},  // a subnormal sum
                                          std::array<float, 3>{0x1p-63f, 0x1p-63f, 0x1p-126f}}) {
        const std::vector<BFloat16> a(static_cast<size_t>(m), to_bfloat16(x)),
            b(static_cast<size_t>(n), to_bfloat16(y));
        std::vector<BFloat16> c(static_cast<size_t>(m * n));
        gemm<BFloat16>(m, n, 1, {a.data(), 1, 1}, {b.data(), n, 1}, c.data(), n);
        const bool normal = product == 0x1p-126f;
        for (const BFloat16 z : c) {
          ASSERT_EQ(to_float(z), flushes && !normal ? 0 : product) << m << " x " << n;
        }
      }
    }
  });
}

}  // namespace
}  // namespace ts::cpu
