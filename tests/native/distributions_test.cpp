// Random numbers against their distributions. A correct generator violates a bound with probability 1e-9; the bounds
// follow from inequalities that hold for every number of draws:
//
// - continuous: the largest distance between the empirical and the true distribution function exceeds e with
//   probability at most 2 exp(-2 n e^2) (Dvoretzky, Kiefer, Wolfowitz; the constant is Massart's);
// - discrete: a chi-square variable with k degrees of freedom exceeds k + 2 sqrt(k x) + 2 x with probability at most
//   exp(-x) (Laurent and Massart, 2000, lemma 1).
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <numbers>
#include <vector>

#include "gradcheck.h"

namespace ts {
namespace {

using test::elements;

constexpr std::int64_t kDraws = 100'000;
const double kSmallProbability = std::log(1e9);

using Distribution = std::function<double(double)>;

void expect_distribution(const Tensor& draws, const Distribution& below, const char* name) {
  std::vector<double> values = elements(draws);
  std::sort(values.begin(), values.end());
  const double n = static_cast<double>(values.size());
  double distance = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double expected = below(values[i]);
    distance = std::max({distance, expected - static_cast<double>(i) / n, static_cast<double>(i + 1) / n - expected});
  }
  EXPECT_LT(distance, std::sqrt((kSmallProbability + std::log(2)) / (2 * n))) << name;
}

// `shares` are the probabilities of 0, 1, 2 ...; values beyond the last one are counted there.
void expect_shares(const std::vector<double>& values, const std::vector<double>& shares, const char* name) {
  std::vector<double> counts(shares.size(), 0);
  for (const double value : values) {
    ASSERT_GE(value, 0) << name;
    ++counts[std::min(static_cast<std::size_t>(value), shares.size() - 1)];
  }
  double statistic = 0;
  int degrees = -1;
  for (std::size_t i = 0; i < shares.size(); ++i) {
    const double expected = shares[i] * static_cast<double>(values.size());
    if (expected == 0) {
      EXPECT_EQ(counts[i], 0) << name << ": " << i << " has probability 0";
      continue;
    }
    EXPECT_GT(expected, 50) << "too few draws for the statistic";
    statistic += (counts[i] - expected) * (counts[i] - expected) / expected;
    ++degrees;
  }
  EXPECT_LT(statistic, degrees + 2 * std::sqrt(degrees * kSmallProbability) + 2 * kSmallProbability) << name;
}

double normal_below(double x) { return std::erfc(-x / std::numbers::sqrt2) / 2; }

TEST(Distributions, Continuous) {
  manual_seed(101);
  const Dims size{kDraws};
  const auto doubles = [&] { return empty(size, DType::Float64); };
  expect_distribution(
      rand(size), [](double x) { return x; }, "rand");
  expect_distribution(
      rand(size, DType::Float64), [](double x) { return x; }, "rand, float64");
  expect_distribution(
      rand_like(doubles()), [](double x) { return x; }, "rand_like");
  expect_distribution(
      uniform_(doubles(), -3, 5), [](double x) { return (x + 3) / 8; }, "uniform_");
  expect_distribution(randn(size), &normal_below, "randn");
  expect_distribution(randn_like(doubles()), &normal_below, "randn_like");
  expect_distribution(
      normal_(doubles(), 2, 3), [](double x) { return normal_below((x - 2) / 3); }, "normal_");
  expect_distribution(
      normal(2, 3, size), [](double x) { return normal_below((x - 2) / 3); }, "normal.size");
  expect_distribution(
      log_normal_(doubles(), 0.5, 0.7), [](double x) { return normal_below((std::log(x) - 0.5) / 0.7); },
      "log_normal_");
  expect_distribution(
      exponential_(doubles(), 1.5), [](double x) { return -std::expm1(-1.5 * x); }, "exponential_");
  expect_distribution(
      exponential_(empty(size), 0.5), [](double x) { return -std::expm1(-0.5 * x); }, "exponential_, float32");
  expect_distribution(
      cauchy_(doubles(), 1, 2), [](double x) { return std::atan((x - 1) / 2) / std::numbers::pi + 0.5; }, "cauchy_");
}

TEST(Distributions, NormalTakesMeansAndDeviationsOfElements) {
  manual_seed(102);
  const Tensor mean = tensor<double>({-5, 0, 100}), std = tensor<double>({1, 2, 0});
  const Tensor draws = normal(expand(mean, {kDraws, 3}), std);
  EXPECT_EQ(draws.sizes(), (Dims{kDraws, 3}));
  expect_distribution(
      select(draws, 1, 0), [](double x) { return normal_below(x + 5); }, "first");
  expect_distribution(
      select(draws, 1, 1), [](double x) { return normal_below(x / 2); }, "second");
  EXPECT_EQ(elements(select(draws, 1, 2)), std::vector<double>(kDraws, 100));
  expect_distribution(
      select(normal(expand(mean, {kDraws, 3}), 2.0), 1, 0), [](double x) { return normal_below((x + 5) / 2); },
      "one std");
  expect_distribution(
      select(normal(1.0, expand(std, {kDraws, 3})), 1, 1), [](double x) { return normal_below((x - 1) / 2); },
      "one mean");
  EXPECT_THROW(normal(mean, -std), ValueError);
  EXPECT_THROW(normal(mean, tensor<double>({1, 2})), ShapeError);
}

TEST(Distributions, Discrete) {
  manual_seed(103);
  const Dims size{kDraws};
  expect_shares(elements(randint(0, 7, size)), std::vector<double>(7, 1.0 / 7), "randint");
  expect_shares(elements(randint(10, size)), std::vector<double>(10, 0.1), "randint.below");
  expect_shares(elements(randint_like(empty(size, DType::Int16), 0, 5)), std::vector<double>(5, 0.2), "randint_like");
  expect_shares(elements(random_(empty(size, DType::UInt8), 0, 4)), std::vector<double>(4, 0.25), "random_");
  expect_shares(elements(bernoulli(full(size, 0.3))), {0.7, 0.3}, "bernoulli");
  expect_shares(elements(bernoulli(empty(size, DType::Int32), 0.8)), {0.2, 0.8}, "bernoulli.p");
  expect_shares(elements(bernoulli_(empty(size, DType::Bool), 0.25)), {0.75, 0.25}, "bernoulli_");
  expect_shares(elements(bernoulli_(empty(size), tensor<float>({0.4f}))), {0.6, 0.4}, "bernoulli_ by element");
  expect_shares(elements(dropout(ones(size), 0.5)), {0.5, 0, 0.5}, "dropout");
  std::vector<double> geometric{0};
  for (int k = 1; k < 9; ++k) geometric.push_back(std::pow(0.6, k - 1) * 0.4);
  geometric.push_back(std::pow(0.6, 8));  // all larger values
  expect_shares(elements(geometric_(empty(size), 0.4)), geometric, "geometric_");
}

TEST(Distributions, MultinomialWithReplacement) {
  manual_seed(104);
  const Tensor weights = tensor<float>({1, 0, 3, 4, 0});
  expect_shares(elements(multinomial(weights, kDraws, true)), {1.0 / 8, 0, 3.0 / 8, 4.0 / 8, 0}, "one row");
  const Tensor rows = multinomial(tensor<double>({1, 1, 0, 2}, {2, 2}), kDraws, true);
  EXPECT_EQ(rows.sizes(), (Dims{2, kDraws}));
  expect_shares(elements(select(rows, 0, 0)), {0.5, 0.5}, "first row");
  expect_shares(elements(select(rows, 0, 1)), {0, 1}, "second row");
}

// The ordered pair (i, j) has probability w_i (w_j / (1 - w_i)).
TEST(Distributions, MultinomialWithoutReplacement) {
  manual_seed(105);
  const double w[] = {0.2, 0.3, 0.5};
  const Tensor draws = multinomial(expand(tensor<double>({0.2, 0.3, 0.5}), {kDraws, 3}), 2);
  std::vector<double> pairs, shares(9, 0);
  const std::vector<double> values = elements(draws);
  for (std::size_t i = 0; i < values.size(); i += 2) pairs.push_back(3 * values[i] + values[i + 1]);
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j < 3; ++j) shares[3 * i + j] = i == j ? 0 : w[i] * w[j] / (1 - w[i]);
  }
  expect_shares(pairs, shares, "ordered pairs");
  std::vector<double> all = elements(multinomial(rand({50}), 50));
  std::sort(all.begin(), all.end());
  for (std::size_t i = 0; i < all.size(); ++i) EXPECT_EQ(all[i], static_cast<double>(i));
}

TEST(Distributions, WrongParameters) {
  const Tensor x = empty({3});
  EXPECT_THROW(exponential_(x, 0), ValueError);
  EXPECT_THROW(exponential_(x, NAN), ValueError);
  EXPECT_THROW(geometric_(x, 0), ValueError);
  EXPECT_THROW(geometric_(x, 1), ValueError);
  EXPECT_THROW(cauchy_(x, 0, 0), ValueError);
  EXPECT_THROW(log_normal_(x, 0, -1), ValueError);
  EXPECT_THROW(bernoulli_(x, 1.5), ValueError);
  EXPECT_THROW(random_(x, 3, 3), ValueError);
  EXPECT_THROW(exponential_(empty({3}, DType::Int64)), DTypeError);
  EXPECT_THROW(multinomial(ones({3}), 4), ValueError);
  EXPECT_THROW(multinomial(tensor<float>({1, 0, 1}), 3), ValueError);
  EXPECT_THROW(multinomial(tensor<float>({0, 0}), 1), ValueError);
  EXPECT_THROW(multinomial(tensor<float>({1, -1}), 1, true), ValueError);
  EXPECT_THROW(multinomial(tensor<float>({1, INFINITY}), 1, true), ValueError);
  EXPECT_THROW(multinomial(ones({2, 2, 2}), 1), ShapeError);
  EXPECT_THROW(multinomial(ones({3}, DType::Int64), 1), DTypeError);
}

TEST(Distributions, GeneratorsAreIndependentStreams) {
  const Ref<Generator> generator = make_ref<Generator>(5);
  manual_seed(5);
  const std::vector<double> expected = elements(rand({4}));
  const PhiloxState untouched = default_generator().state();
  {
    const GeneratorScope scope(generator);
    EXPECT_EQ(elements(rand({4})), expected) << "a seed gives the same numbers in every generator";
    {
      const GeneratorScope inner(make_ref<Generator>(6));
      EXPECT_NE(elements(rand({4})), expected);
    }
    EXPECT_EQ(&current_generator(), generator.get());
  }
  EXPECT_EQ(&current_generator(), &default_generator());
  EXPECT_EQ(default_generator().state().offset, untouched.offset);
  generator->seed(5);
  const GeneratorScope scope(generator);
  EXPECT_EQ(elements(rand({4})), expected);
}

// Every function that draws random numbers, on one thread and on three.
TEST(Distributions, SameForAnyNumberOfThreads) {
  const auto draw = [] {
    manual_seed(9);
    constexpr std::int64_t n = 50'001;
    std::vector<std::vector<double>> all;
    for (const Tensor& x : {exponential_(empty({n})), geometric_(empty({n}), 0.2), cauchy_(empty({n})),
                            log_normal_(empty({n})), bernoulli_(empty({n})), random_(empty({n}), -9, 9),
                            multinomial(ones({n}), n), normal(zeros({n}), ones({n}))}) {
      all.push_back(elements(x));
    }
    return all;
  };
  const int before = num_threads();
  set_num_threads(1);
  const auto one = draw();
  set_num_threads(3);
  EXPECT_EQ(draw(), one);
  set_num_threads(before);
}

}  // namespace
}  // namespace ts
