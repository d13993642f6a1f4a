// Values and gradients where a formula divides by zero, takes the logarithm of zero, has several answers (ties), or no
// elements to work on. More of them are compared with PyTorch's in tests/golden/edges.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "gradcheck.h"
#include "torchscratch/torchscratch.h"

namespace ts {
namespace {

using test::elements;
using Numbers = std::vector<double>;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

Tensor leaf(const Numbers& values, const Dims& sizes) { return tensor(values, sizes).requires_grad_(); }
Tensor leaf(const Numbers& values) { return leaf(values, {static_cast<std::int64_t>(values.size())}); }

// The gradient of the sum of all elements; fails if there is none.
Numbers gradient(const Tensor& result, const Tensor& of) {
  EXPECT_TRUE(result.requires_grad());
  if (!result.requires_grad()) return {};
  of.set_grad({});
  sum(result).backward();
  EXPECT_TRUE(of.grad().defined());
  return of.grad().defined() ? elements(of.grad()) : Numbers{};
}

TEST(DegenerateArguments, StayInTheGraph) {
  const Tensor x = leaf({3, -4, 0});
  const Numbers zeros{0, 0, 0};
  EXPECT_EQ(gradient(norm(x, 0), x), zeros);
  EXPECT_EQ(gradient(linalg_vector_norm(x, 0), x), zeros);
  EXPECT_EQ(gradient(dist(x, x.detach() + 1, 0), x), zeros);
  EXPECT_EQ(gradient(cdist(unsqueeze(x, 0), ones({2, 3}, DType::Float64), 0), x), zeros);
  EXPECT_EQ(gradient(normalize(x, 0, IntList{0}), x), (Numbers{0.5, 0.5, 0.5}));
  for (const RoundingMode mode : {RoundingMode::Floor, RoundingMode::Trunc}) {
    EXPECT_EQ(gradient(div(x, 2, mode), x), zeros);
  }
  EXPECT_EQ(gradient(zero_(x * 2), x), zeros);
  EXPECT_EQ(gradient(fill_(x * 2, 7), x), zeros);
  EXPECT_EQ(gradient(copy_(x * 2, tensor<double>({1, 2, 3})), x), zeros);
  EXPECT_EQ(gradient(uniform_(x * 2), x), zeros);
  const Tensor part = x * 2;
  zero_(select(part, 0, 1));
  EXPECT_EQ(gradient(part, x), (Numbers{2, 0, 2}));
  const Tensor square = leaf({1, 2, 3, 4}, {2, 2});
  EXPECT_EQ(gradient(linalg_matrix_power(square, 0), square), (Numbers{0, 0, 0, 0}));
  EXPECT_EQ(gradient(addmm(square, square.detach(), square.detach(), 0), square), (Numbers{0, 0, 0, 0}));
}

TEST(DegenerateArguments, EmptyTensorsStayInTheGraph) {
  const Tensor nothing = leaf({});
  EXPECT_EQ(prod(nothing).item<double>(), 1);
  EXPECT_EQ(gradient(prod(nothing), nothing), Numbers{});
  EXPECT_EQ(gradient(norm(nothing, 0), nothing), Numbers{});
  EXPECT_EQ(gradient(cat({nothing, ones({1, 2}, DType::Float64)}, 1), nothing), Numbers{});
  const Tensor rows = leaf({}, {2, 0});
  EXPECT_EQ(gradient(prod(rows, 1), rows), Numbers{});
}

TEST(DegenerateArguments, SecondDerivativesOfLinearPowersAreZero) {
  const Tensor x = leaf({3, 0});
  for (const double n : {0.0, 1.0, 2.0}) {
    const Tensor first = grad({sum(pow(x, n))}, {x}, {}, true, true)[0];
    const double second = n == 2 ? 2 : 0;
    EXPECT_EQ(gradient(first, x), (Numbers{second, second})) << n;
  }
}

TEST(DegenerateArguments, MasksComeBeforeSingularities) {
  const Tensor p = leaf({1, 0, 1, 0, 0.5}), target = tensor<double>({1, 0, 0, 1, 0.25});
  EXPECT_EQ(gradient(binary_cross_entropy(p, target, {}, Reduction::Sum), p), (Numbers{0, 0, 1e12, -1e12, 1}));
  const Tensor x = leaf({kInfinity, -2}), slope = leaf({0.5});
  EXPECT_EQ(gradient(prelu(x, slope), slope), Numbers{-2});
  const Tensor variance = leaf({kInfinity, 0}), zero = zeros({2}, DType::Float64);
  EXPECT_EQ(gradient(gaussian_nll_loss(zero, zero, variance), variance)[0], 0);
  // The masked part of a product is not multiplied by the other part's infinity.
  const Tensor a = leaf({0, 4}), b = leaf({1, 1});
  EXPECT_EQ(gradient(maximum(sqrt(a), b), b), (Numbers{1, 0}));
  EXPECT_EQ(gradient(sqrt(maximum(a - 4, b - 1)), b), (Numbers{kInfinity, 0.5 * kInfinity}));
  // The quotient of large numbers, whose squares overflow.
  const Tensor divisor = leaf({1e200});
  EXPECT_DOUBLE_EQ(gradient(1e200 / divisor, divisor)[0], -1e-200);
}

TEST(DegenerateArguments, ProductsWithZerosAndOverflow) {
  const Tensor x = leaf({0, 2, 3}), zeros = leaf({0, 0, 3}), large = leaf({1e200, 1e200, 1});
  EXPECT_EQ(gradient(prod(x), x), (Numbers{6, 0, 0}));
  EXPECT_EQ(gradient(prod(zeros), zeros), (Numbers{0, 0, 0}));
  EXPECT_EQ(gradient(prod(large), large), (Numbers{1e200, 1e200, kInfinity}));
}

TEST(DegenerateArguments, TiesAndNaN) {
  const Tensor ties = leaf({2, 1, 2, 0}), invalid = leaf({kNaN, 1, kNaN});
  const Tensor middle = leaf({1, 2, 2, 3, 2});
  EXPECT_EQ(gradient(median(middle), middle), (Numbers{0, 1.0 / 3, 1.0 / 3, 0, 1.0 / 3}));
  EXPECT_EQ(gradient(median(invalid), invalid), (Numbers{0.5, 0, 0.5}));
  EXPECT_EQ(gradient(max(ties), ties), (Numbers{0.5, 0, 0.5, 0}));
  EXPECT_EQ(gradient(max(invalid), invalid), (Numbers{0.5, 0, 0.5}));
  EXPECT_EQ(gradient(min(invalid), invalid), (Numbers{0.5, 0, 0.5}));
  const Tensor a = leaf({1, kNaN, 2, kNaN}), b = leaf({1, 3, kNaN, kNaN});
  for (const auto& either : {&maximum, &minimum}) {
    EXPECT_EQ(gradient(either(a, b), a), (Numbers{0.5, 1, 1, 1}));
    EXPECT_EQ(gradient(either(a, b), b), (Numbers{0.5, 1, 1, 1}));
  }
  // Each of the largest differences receives the whole gradient.
  const Tensor rows = leaf({3, -3, 1}, {1, 3});
  EXPECT_EQ(gradient(cdist(rows, zeros({1, 3}, DType::Float64), kInfinity), rows), (Numbers{1, -1, 0}));
  EXPECT_EQ(gradient(norm(rows, kInfinity), rows), (Numbers{0.5, -0.5, 0}));
  // On the margin of a hinge there is no gradient.
  const Tensor scores = leaf({3, 2}, {1, 2});
  EXPECT_EQ(gradient(multi_margin_loss(scores, tensor<std::int64_t>({0})), scores), (Numbers{0, 0}));
}

TEST(DegenerateArguments, SeriesAndReflectionsKeepTheirDigits) {
  EXPECT_DOUBLE_EQ(erfinv(tensor<double>({0.999999999999999})).item<double>(), 5.675915739744713);
  EXPECT_DOUBLE_EQ(erfinv(tensor<double>({-1 + 0x1p-53})).item<double>(), -5.863584748755168);
  // sinc'(x) = -pi^2 x / 3 + ..., and sinc''(0) = -pi^2 / 3
  const double pi_squared = 9.869604401089358;
  const Tensor x = leaf({1e-8, -1e-4, 0, 1e-20});
  const Numbers slope = gradient(sinc(x), x);
  EXPECT_DOUBLE_EQ(slope[0], -pi_squared / 3 * 1e-8);
  EXPECT_DOUBLE_EQ(slope[1], pi_squared / 3 * 1e-4 - pi_squared * pi_squared / 30 * 1e-12);
  EXPECT_EQ(slope[2], 0);
  EXPECT_DOUBLE_EQ(slope[3], -pi_squared / 3 * 1e-20);
  const Numbers curvature = gradient(grad({sum(sinc(x))}, {x}, {}, true, true)[0], x);
  for (const double each : curvature) EXPECT_NEAR(each, -pi_squared / 3, 1e-7);
  // Near a pole trigamma is 1 / distance^2 plus terms of order 1, and a float has lost the distance once it is
  // multiplied by pi.
  for (const float pole : {-1.0f, -5.0f, -100.0f}) {
    const float at = std::nextafter(pole, 0.0f);
    const double distance = static_cast<double>(at) - static_cast<double>(pole);
    const float value = polygamma(tensor<float>({at}), 1).item<float>();
    EXPECT_NEAR(value * distance * distance, 1, 1e-6) << pole;
    const Tensor y = tensor<float>({at}).requires_grad_();
    EXPECT_NEAR(gradient(digamma(y), y)[0] * distance * distance, 1, 1e-6) << pole;
  }
}

// Just above the middle of two neighbours; a detour over float32 rounds to the middle first and then to even.
TEST(DegenerateArguments, HalfTypesAreRoundedOnce) {
  const double above = 1 + 0x1p-11 + 0x1p-40, below = 1 + 3 * 0x1p-11 - 0x1p-40;
  const double above_b = 1 + 0x1p-8 + 0x1p-40, below_b = 1 + 3 * 0x1p-8 - 0x1p-40;
  const Numbers mixed{above, below, -above, 0x1p-25 * (1 + 0x1p-40), 65519.999999999, 65520, kInfinity, 1e300, 1e-300};
  const Numbers halves{1 + 0x1p-10, 1 + 0x1p-10, -1 - 0x1p-10, 0x1p-24, 65504, kInfinity, kInfinity, kInfinity, 0};
  EXPECT_EQ(elements(to(tensor(mixed, {9}), DType::Float16)), halves);
  EXPECT_EQ(elements(to(tensor(Numbers{above_b, below_b, -above_b}, {3}), DType::BFloat16)),
            (Numbers{1 + 0x1p-7, 1 + 0x1p-7, -1 - 0x1p-7}));
  EXPECT_TRUE(std::isnan(elements(to(tensor(Numbers{kNaN}, {1}), DType::Float16))[0]));
  for (std::size_t i = 0; i < mixed.size(); ++i) {
    // A number that does not fit is refused as a fill.
    if (std::abs(mixed[i]) > 65504 && !std::isinf(mixed[i])) continue;
    EXPECT_EQ(elements(full({1}, mixed[i], DType::Float16))[0], halves[i]) << mixed[i];
  }
  EXPECT_EQ(elements(full({1}, above_b, DType::BFloat16))[0], 1 + 0x1p-7);
  const std::int64_t large = (std::int64_t{1} << 60) + (std::int64_t{1} << 52) + 1;
  EXPECT_EQ(elements(to(tensor<std::int64_t>({large, -large}), DType::BFloat16)),
            (Numbers{0x1p60 + 0x1p53, -0x1p60 - 0x1p53}));
  const Tensor strided = transpose(tensor(mixed, {3, 3}), 0, 1);
  EXPECT_EQ(elements(transpose(to(strided, DType::Float16), 0, 1)), halves);
}

}  // namespace
}  // namespace ts
