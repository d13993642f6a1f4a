// Random numbers: Philox against its authors' known answers, streams that depend only on seed and position, and the
// ranges and moments of the distributions. Bounds on moments are six standard errors: a correct generator exceeds one
// in 10^9 times, and with a fixed seed either never or always.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "backend/philox.h"
#include "cpu/kernels/dropout_mask.h"
#include "gradcheck.h"
#include "simd_targets.h"

namespace ts {
namespace {

using test::elements;

constexpr DType kFloating[] = {DType::Float16, DType::BFloat16, DType::Float32, DType::Float64};

// Random123's kat_vectors, "philox4x32 10".
TEST(Random, PhiloxKnownAnswers) {
  struct Answer {
    PhiloxWords counter;
    std::uint32_t key[2];
    PhiloxWords words;
  };
  const Answer answers[] = {
      {{{0, 0, 0, 0}}, {0, 0}, {{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}}},
      {{{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}},
       {0xffffffff, 0xffffffff},
       {{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}}},
      {{{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}},
       {0xa4093822, 0x299f31d0},
       {{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}}},
  };
  for (const Answer& answer : answers) {
    const PhiloxWords words = philox4x32(answer.counter, answer.key[0], answer.key[1]);
    for (int i = 0; i < 4; ++i) EXPECT_EQ(words.w[i], answer.words.w[i]) << i;
  }
}

// The operators draw their numbers from those words: with seed 0, a double is the top 53 bits of the first two.
TEST(Random, OperatorsDrawFromPhilox) {
  manual_seed(0);
  const Tensor x = rand({2}, DType::Float64);
  EXPECT_EQ(x.data<double>()[0], static_cast<double>(0x6627e8d5e169c58dull >> 11) * 0x1p-53);
  EXPECT_EQ(x.data<double>()[1], static_cast<double>(0xbc57ac4c9b00dbd8ull >> 11) * 0x1p-53);
}

std::vector<std::vector<double>> one_of_each() {
  manual_seed(7);
  constexpr std::int64_t n = 100'003;  // many chunks and an incomplete one at the end
  std::vector<std::vector<double>> all;
  for (const DType dtype : kFloating) {
    all.push_back(elements(rand({n}, dtype)));
    all.push_back(elements(randn({n}, dtype)));
  }
  all.push_back(elements(randint(-5, 1000, {n})));
  all.push_back(elements(randperm(1001)));
  all.push_back(elements(dropout(ones({n}), 0.3)));
  all.push_back(elements(bernoulli(full({n}, 0.3))));
  return all;
}

TEST(Random, SameNumbersForAnyNumberOfThreads) {
  const int before = num_threads();
  set_num_threads(1);
  const auto one = one_of_each();
  for (const int threads : {2, 3}) {
    set_num_threads(threads);
    EXPECT_EQ(one_of_each(), one) << threads;
  }
  set_num_threads(before);
}

TEST(Random, SeedsAndStates) {
  manual_seed(1);
  const auto first = elements(rand({5}));
  const PhiloxState state = default_generator().state();
  const auto second = elements(rand({5}));
  EXPECT_NE(first, second) << "draws do not repeat";
  default_generator().set_state(state);
  EXPECT_EQ(elements(rand({5})), second);
  manual_seed(1);
  EXPECT_EQ(elements(rand({5})), first);
  manual_seed(2);
  EXPECT_NE(elements(rand({5})), first);
  manual_seed(1ull << 63 | 1);
  EXPECT_NE(elements(rand({5})), first) << "all 64 bits of a seed matter";
  EXPECT_EQ(default_generator().state().seed, 1ull << 63 | 1);
}

// A draw must not overlap with the next one, whatever its length.
TEST(Random, DrawsTakeTheBlocksTheyUse) {
  manual_seed(3);
  std::set<double> seen;
  std::size_t drawn = 0;
  for (const std::int64_t n : {0, 1, 2, 3, 5, 8, 1000}) {
    for (const double x : elements(rand({n}, DType::Float64))) {
      seen.insert(x);
      ++drawn;
    }
  }
  EXPECT_EQ(seen.size(), drawn);
}

struct Moments {
  double mean = 0, variance = 0, least = INFINITY, most = -INFINITY;
  explicit Moments(const std::vector<double>& values) {
    for (const double x : values) {
      mean += x;
      least = std::min(least, x);
      most = std::max(most, x);
    }
    mean /= static_cast<double>(values.size());
    for (const double x : values) variance += (x - mean) * (x - mean);
    variance /= static_cast<double>(values.size());
  }
};

constexpr std::int64_t kDraws = 200'000;

// The standard error of a mean is sigma / sqrt(n), and that of a variance sqrt(m4 - sigma^4) / sqrt(n) with the fourth
// central moment m4. Rounding to `digits` bits changes values by at most 2^-digits relative.
void expect_moments(const Moments& got, double mean, double variance, double fourth, double rounding) {
  const double root = std::sqrt(static_cast<double>(kDraws));
  EXPECT_NEAR(got.mean, mean, 6 * std::sqrt(variance) / root + rounding);
  EXPECT_NEAR(got.variance, variance, 6 * std::sqrt(fourth - variance * variance) / root + 2 * rounding);
}

double rounding_of(DType dtype) { return dtype == DType::BFloat16 ? 0x1p-8 : dtype == DType::Float16 ? 0x1p-11 : 0; }

TEST(Random, UniformNumbers) {
  manual_seed(11);
  for (const DType dtype : kFloating) {
    const Moments unit(elements(rand({kDraws}, dtype)));
    expect_moments(unit, 0.5, 1.0 / 12, 1.0 / 80, rounding_of(dtype));
    EXPECT_GE(unit.least, 0) << dtype_name(dtype);
    EXPECT_LT(unit.most, 1) << dtype_name(dtype);
    const Tensor x = empty({kDraws}, dtype);
    uniform_(x, -3, 5);
    const Moments stretched(elements(x));
    expect_moments(stretched, 1, 64.0 / 12, 4096.0 / 80, 8 * rounding_of(dtype));
    EXPECT_GE(stretched.least, -3);
    EXPECT_LT(stretched.most, 5);
  }
}

TEST(Random, UniformNeverReachesItsUpperEnd) {
  manual_seed(12);
  for (const DType dtype : kFloating) {
    for (const auto& [low, high] :
         {std::pair{1.0, 1.0 + 0x1p-6}, {-1.0 - 0x1p-6, -1.0}, {-1.0, 0.0}, {1000.0, 1001.0}}) {
      const Tensor x = empty({20'000}, dtype);
      uniform_(x, low, high);
      const Moments moments(elements(x));
      EXPECT_LT(moments.most, high) << dtype_name(dtype) << " [" << low << ", " << high << ")";
      EXPECT_GE(moments.least, low) << dtype_name(dtype) << " [" << low << ", " << high << ")";
    }
  }
  const Tensor same = empty({10}, DType::Float32);
  EXPECT_EQ(elements(uniform_(same, 2, 2)), std::vector<double>(10, 2.0));
  EXPECT_THROW(uniform_(same, 2, 1), ValueError);
  EXPECT_THROW(uniform_(empty({3}, DType::Int64)), DTypeError);
}

TEST(Random, NormalNumbers) {
  manual_seed(13);
  for (const DType dtype : kFloating) {
    // Rounding errors are unbiased here, so a few ulps of the typical magnitude bound their mean.
    expect_moments(Moments(elements(randn({kDraws}, dtype))), 0, 1, 3, rounding_of(dtype));
    const Tensor x = empty({kDraws}, dtype);
    normal_(x, 2, 3);
    expect_moments(Moments(elements(x)), 2, 9, 3 * 81, 9 * rounding_of(dtype));
  }
  // The probability of a value beyond two standard deviations is 0.0455.
  std::int64_t beyond = 0;
  for (const double x : elements(randn({kDraws}, DType::Float64))) beyond += std::fabs(x) > 2;
  EXPECT_NEAR(static_cast<double>(beyond) / kDraws, 0.0455003, 6 * std::sqrt(0.0455 * 0.9545 / kDraws));
  EXPECT_THROW(normal_(empty({3}), 0, -1), ValueError);
}

TEST(Random, NumbersFillStridedTensors) {
  manual_seed(5);
  const auto dense = elements(uniform_(empty({4, 6})));
  manual_seed(5);
  EXPECT_EQ(elements(uniform_(transpose(empty({6, 4}), 0, 1))), dense);
}

TEST(Random, Integers) {
  manual_seed(17);
  const Moments moments(elements(randint(-10, 10, {kDraws})));
  EXPECT_EQ(moments.least, -10);
  EXPECT_EQ(moments.most, 9);
  expect_moments(moments, -0.5, (400.0 - 1) / 12, 20.0 * 20 * 20 * 20 / 80, 0);
  EXPECT_EQ(elements(randint(5, 6, {3})), (std::vector<double>{5, 5, 5}));
  // The whole range of the type: both signs occur, and no arithmetic overflows.
  const Moments wide(elements(randint(INT64_MIN, INT64_MAX, {1000})));
  EXPECT_LT(wide.least, -0x1p62);
  EXPECT_GT(wide.most, 0x1p62);
  EXPECT_EQ(randint(0, 5, {2}, DType::Int8).dtype(), DType::Int8);
  EXPECT_THROW(randint(3, 3, {1}), ValueError);
}

TEST(Random, Bernoulli) {
  manual_seed(19);
  for (const double p : {0.1, 0.5, 0.9}) {
    const Moments moments(elements(bernoulli(full({kDraws}, p, DType::Float64))));
    EXPECT_NEAR(moments.mean, p, 6 * std::sqrt(p * (1 - p) / kDraws));
    EXPECT_EQ(moments.least, 0);
    EXPECT_EQ(moments.most, 1);
  }
  EXPECT_EQ(elements(bernoulli(tensor<float>({0, 1, 0, 1}))), (std::vector<double>{0, 1, 0, 1}));
  EXPECT_THROW(bernoulli(tensor<float>({1.5f})), ValueError);
}

TEST(Random, PermutationsHoldEveryNumberOnce) {
  manual_seed(23);
  for (const std::int64_t n : {0, 1, 2, 17, 10'000}) {
    std::vector<double> values = elements(randperm(n));
    std::sort(values.begin(), values.end());
    for (std::size_t i = 0; i < values.size(); ++i) ASSERT_EQ(values[i], static_cast<double>(i));
    EXPECT_EQ(static_cast<std::int64_t>(values.size()), n);
  }
  // All six permutations of three numbers are equally frequent.
  std::map<std::vector<double>, int> orders;
  constexpr int kTries = 6000;
  for (int i = 0; i < kTries; ++i) ++orders[elements(randperm(3))];
  EXPECT_EQ(orders.size(), 6u);
  for (const auto& [order, count] : orders) EXPECT_NEAR(count, kTries / 6.0, 6 * std::sqrt(kTries / 6.0 * 5 / 6));
}

// Element i is kept if the upper 53 of its 64 bits, as a fraction, are below the probability.
template <class T>
void expect_mask_of_the_stream(double keep, PhiloxState state, std::int64_t first, std::int64_t count) {
  std::vector<T> mask(static_cast<std::size_t>(count));
  cpu::dropout_mask_part(mask.data(), first, count, keep, 1.5, state);
  for (std::int64_t i = first; i < first + count; ++i) {
    const PhiloxWords words = philox_block(state, static_cast<std::uint64_t>(i / 2));
    const std::size_t half = i % 2 == 0 ? 0 : 2;
    const double u = static_cast<double>((std::uint64_t{words.w[half]} << 32 | words.w[half + 1]) >> 11) * 0x1p-53;
    ASSERT_EQ(mask[static_cast<std::size_t>(i - first)], u < keep ? T(1.5) : T(0))
        << "element " << i << ", keep " << keep;
  }
}

TEST(Random, MasksFollowTheStreamOnEveryTarget) {
  test::for_each_simd_target([](const char*) {
    for (const double keep : {0.0, 0x1p-60, 0.1, 0.5, 0.9, 1 - 0x1p-53, 1.0}) {
      for (const std::int64_t first : {0, 1, 2, 77}) {
        for (const std::int64_t count : {0, 1, 2, 31, 64, 501}) {
          expect_mask_of_the_stream<float>(keep, {0x123456789abcdefull, 12}, first, count);
          expect_mask_of_the_stream<double>(keep, {7, 3}, first, count);
        }
      }
    }
    // The lower word of the counter overflows within this mask.
    expect_mask_of_the_stream<float>(0.5, {99, 0xffffffffull - 40}, 0, 300);
  });
}

TEST(Random, DropoutKeepsTheExpectation) {
  manual_seed(29);
  for (const double p : {0.2, 0.5, 0.75}) {
    const Tensor x = ones({kDraws}, DType::Float64).requires_grad_();
    const Tensor y = dropout(x, p);
    std::int64_t kept = 0;
    for (const double value : elements(y)) {
      EXPECT_TRUE(value == 0 || value == 1 / (1 - p)) << value;
      kept += value != 0;
    }
    EXPECT_NEAR(static_cast<double>(kept) / kDraws, 1 - p, 6 * std::sqrt(p * (1 - p) / kDraws));
    sum(y).backward();
    EXPECT_EQ(elements(x.grad()), elements(y)) << "the gradient is the scaled mask";
  }
  const Tensor x = ones({4});
  EXPECT_TRUE(dropout(x, 0.5, false).is_same(x));
  EXPECT_TRUE(dropout(x, 0).is_same(x));
  EXPECT_EQ(elements(dropout(x, 1)), (std::vector<double>(4, 0.0)));
  EXPECT_THROW(dropout(x, 1.5), ValueError);
}

}  // namespace
}  // namespace ts
