// Numbers outside tensors meet element types: what fits is converted by one set of rules, PyTorch's, and what does not
// raises wherever a number becomes an element, a factor, a bound or an exponent.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "torchscratch/torchscratch.h"

namespace ts::test {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();

std::string error_of(const std::function<void()>& call) {
  try {
    call();
    return "";
  } catch (const ValueError& e) {
    return e.what();
  }
}

struct Case {
  DType dtype;
  Scalar number;
  Scalar element;  // what it becomes
};
struct Refused {
  DType dtype;
  Scalar number;
};

// Every way in which a number becomes an element of a tensor of a given type.
struct Way {
  const char* name;
  std::function<Tensor(DType, const Scalar&)> make;
};
const std::vector<Way>& ways() {
  static const std::vector<Way> all = {
      {"full", [](DType dtype, const Scalar& x) { return full({1}, x, dtype); }},
      {"full_like", [](DType dtype, const Scalar& x) { return full_like(zeros({1}, dtype), x); }},
      {"scalar_tensor", [](DType dtype, const Scalar& x) { return scalar_tensor(x, dtype); }},
      {"fill_", [](DType dtype, const Scalar& x) { return fill_(zeros({1}, dtype), x); }},
      {"masked_fill", [](DType d, const Scalar& x) { return masked_fill(zeros({1}, d), ones({1}, DType::Bool), x); }},
      {"masked_fill_", [](DType d, const Scalar& x) { return masked_fill_(zeros({1}, d), ones({1}, DType::Bool), x); }},
      {"index_fill",
       [](DType d, const Scalar& x) { return index_fill(zeros({1}, d), 0, zeros({1}, DType::Int64), x); }},
      {"index_fill_",
       [](DType d, const Scalar& x) { return index_fill_(zeros({1}, d), 0, zeros({1}, DType::Int64), x); }},
      {"scatter", [](DType d, const Scalar& x) { return scatter(zeros({1}, d), 0, zeros({1}, DType::Int64), x); }},
      {"scatter_", [](DType d, const Scalar& x) { return scatter_(zeros({1}, d), 0, zeros({1}, DType::Int64), x); }},
      {"constant_pad_nd",
       [](DType d, const Scalar& x) {
         return constant_pad_nd(zeros({0}, d), {1, 0}, x);
       }},
      {"pad",
       [](DType d, const Scalar& x) {
         return pad(zeros({0}, d), {1, 0}, PadMode::Constant, x);
       }},
      {"linspace", [](DType dtype, const Scalar& x) { return linspace(x, x, 1, dtype); }},
      {"index_put_",
       [](DType dtype, const Scalar& x) {
         const Tensor y = zeros({1}, dtype);
         index_put_(y, {Index(0)}, x);
         return y;
       }},
  };
  return all;
}

TEST(Scalars, WhatFitsIsConverted) {
  const std::vector<Case> cases = {
      {DType::UInt8, 255, 255},       {DType::UInt8, -1, 255},
      {DType::UInt8, -255, 1},        {DType::UInt8, 1.9, 1},
      {DType::Int8, -128, -128},      {DType::Int8, -1.9, -1},
      {DType::Int16, 32767, 32767},   {DType::Int32, 2147483647.0, 2147483647},
      {DType::Int64, kMax, kMax},     {DType::Int64, kMin, kMin},
      {DType::Int64, -0x1p63, kMin},  {DType::Int64, 1.5, 1},
      {DType::Bool, 300, true},       {DType::Bool, 0.5, true},
      {DType::Bool, kInf, true},      {DType::Float16, 65504, 65504.0},
      {DType::Float16, kInf, kInf},   {DType::Float16, -kInf, -kInf},
      {DType::BFloat16, 1e38, 1e38},  {DType::Float32, 1e38, 1e38},
      {DType::Float32, -kInf, -kInf}, {DType::Float64, 1e300, 1e300},
      {DType::Int64, true, 1},
  };
  for (const Case& c : cases) {
    for (const Way& way : ways()) {
      // linspace computes in float64, in which the extremes of int64 are not exact, and truncates a bool first.
      if (std::string(way.name) == "linspace" &&
          (c.dtype == DType::Int64 || c.dtype == DType::Bool || !std::isfinite(c.number.to_double()) ||
           (c.dtype == DType::UInt8 && c.number.to_double() < 0))) {
        continue;
      }
      const Tensor made = way.make(c.dtype, c.number);
      ASSERT_EQ(made.dtype(), c.dtype);
      const Scalar got = reshape(made, {}).item(), want = scalar_tensor(c.element, c.dtype).item();
      const std::string where = std::string(way.name) + " of " + c.number.to_string() + ", " + dtype_name(c.dtype);
      if (is_floating(c.dtype)) {
        EXPECT_EQ(got.to_double(), want.to_double()) << where;
        EXPECT_TRUE(got.to_double() == c.element.to_double() ||
                    std::fabs(got.to_double() / c.element.to_double() - 1) < 0x1p-8)
            << where;
      } else {
        EXPECT_EQ(got.to_int(), c.element.to_int()) << where;
      }
    }
  }
}

TEST(Scalars, WhatDoesNotFitRaisesEverywhere) {
  const std::vector<Refused> cases = {
      {DType::UInt8, 256},        {DType::UInt8, 300},     {DType::UInt8, -256},      {DType::UInt8, 255.9},
      {DType::UInt8, -0.5},       {DType::UInt8, NAN},     {DType::UInt8, kInf},      {DType::Int8, 128},
      {DType::Int8, -129},        {DType::Int8, 1e30},     {DType::Int16, 32768},     {DType::Int16, -kInf},
      {DType::Int32, 2147483648}, {DType::Int32, NAN},     {DType::Int32, kMin},      {DType::Int64, 0x1p63},
      {DType::Int64, NAN},        {DType::Int64, kInf},    {DType::Int64, -1e300},    {DType::Float16, 65505},
      {DType::Float16, 65519.0},  {DType::Float16, 70000}, {DType::BFloat16, 3.4e38}, {DType::Float32, 1e300},
      {DType::Float32, -3.5e38},
  };
  for (const Refused& c : cases) {
    for (const Way& way : ways()) {
      const std::string message = error_of([&] { way.make(c.dtype, c.number); });
      EXPECT_NE(message.find("does not fit in " + std::string(dtype_name(c.dtype))), std::string::npos)
          << way.name << " of " << c.number.to_string() << ", " << dtype_name(c.dtype) << ": " << message;
    }
  }
}

TEST(Scalars, AFailedFillChangesNothing) {
  const Tensor x = tensor<std::int64_t>({1, 2});
  EXPECT_THROW(fill_(x, NAN), ValueError);
  EXPECT_THROW(masked_fill_(x, tensor<std::int64_t>({1, 0}) == 1, kInf), ValueError);
  EXPECT_EQ(x.data<std::int64_t>()[0], 1);
  EXPECT_EQ(x.version(), 0u);
}

// The elements that are kept must not pass through the type of the number.
TEST(Scalars, MaskedFillKeepsLargeIntegers) {
  const Tensor x = tensor<std::int64_t>({kMax, kMax - 1});
  const Tensor filled = masked_fill(x, tensor<std::int64_t>({0, 1}) == 1, 1.5);
  EXPECT_EQ(filled.data<std::int64_t>()[0], kMax);
  EXPECT_EQ(filled.data<std::int64_t>()[1], 1);
  const Tensor by_tensor = masked_fill(x, tensor<std::int64_t>({0, 1}) == 1, scalar_tensor(1.5, DType::Float32));
  EXPECT_EQ(by_tensor.data<std::int64_t>()[0], kMax);
  EXPECT_EQ(by_tensor.data<std::int64_t>()[1], 1);
}

// ---- Bounds ----

TEST(Scalars, FloatingBoundsMakeIntegersFloating) {
  const Tensor x = tensor<std::int64_t>({1, 5});
  const Tensor both = clamp(x, 1.5, 3.5), low = clamp(x, 1.5), high = clip(x, std::nullopt, 3.5),
               mixed = clamp(x, 1, 3.5);
  for (const Tensor& result : {both, low, high, mixed}) ASSERT_EQ(result.dtype(), DType::Float32);
  EXPECT_EQ(both.data<float>()[0], 1.5f);
  EXPECT_EQ(both.data<float>()[1], 3.5f);
  EXPECT_EQ(low.data<float>()[1], 5.0f);
  EXPECT_EQ(high.data<float>()[0], 1.0f);
  EXPECT_EQ(mixed.data<float>()[1], 3.5f);
  EXPECT_EQ(clamp(x, NAN).dtype(), DType::Float32);
  EXPECT_EQ(clamp(x, std::nullopt, kInf).data<float>()[1], 5.0f);
  EXPECT_EQ(clamp(x, 2, 3).dtype(), DType::Int64);
  EXPECT_EQ(clamp(tensor<std::int64_t>({0, 1}) == 1, 0, 1).dtype(), DType::Int64);
  EXPECT_EQ(clamp(tensor<std::int64_t>({0, 1}) == 1, 0.5).dtype(), DType::Float32);
  EXPECT_THROW(clamp(to(x, DType::UInt8), 0, 300), ValueError);
  EXPECT_THROW(clamp(to(x, DType::Float16), 1e9), ValueError);
  EXPECT_EQ(clamp(to(x, DType::Float64), 1.5).dtype(), DType::Float64);
}

// ---- Factors and exponents ----

TEST(Scalars, FactorsOfIntegersAreIntegers) {
  const Tensor x = tensor<std::int64_t>({1, 5}), y = tensor<std::int64_t>({2, 3});
  const auto alphas = [&](const Scalar& alpha) {
    return std::vector<std::function<void()>>{
        [=] { add(x, y, alpha); },         [=] { sub(x, y, alpha); },
        [=] { rsub(x, y, alpha); },        [=] { add(x, Scalar(2), alpha); },
        [=] { add(Scalar(2), x, alpha); }, [=] { add_(clone(x), y, alpha); },
        [=] { sub_(clone(x), y, alpha); }, [=] { index_add(x, 0, tensor<std::int64_t>({0, 1}), y, alpha); },
    };
  };
  for (const Scalar& alpha : {Scalar(1.5), Scalar(NAN), Scalar(kInf), Scalar(2.0)}) {
    for (const auto& call : alphas(alpha)) {
      EXPECT_NE(error_of(call).find("alpha is " + alpha.to_string()), std::string::npos) << error_of(call);
    }
  }
  for (const auto& call : alphas(2)) EXPECT_EQ(error_of(call), "");
  EXPECT_EQ(add(x, y, 2).data<std::int64_t>()[1], 11);
  EXPECT_EQ(add(x, to(y, DType::Float32), 1.5).data<float>()[0], 4.0f);
  EXPECT_EQ(add(x, Scalar(0.5), 2.5).data<float>()[0], 2.25f);
  EXPECT_THROW(add(to(x, DType::UInt8), to(y, DType::UInt8), 300), ValueError);
  EXPECT_THROW(add(to(x, DType::Float16), to(y, DType::Float16), 70000.0), ValueError);
  EXPECT_THROW(addcmul(x, y, y, NAN), ValueError);
  EXPECT_THROW(threshold(x, 2, NAN), ValueError);
  EXPECT_THROW(hardtanh(x, 0, kInf), ValueError);
  // As in PyTorch, the factors of products are truncated.
  const Tensor m = tensor<std::int64_t>({1, 2, 3, 4}, {2, 2});
  EXPECT_EQ(addmm(m, m, m, 1, 1.5).data<std::int64_t>()[0], 8);
  EXPECT_THROW(addmm(m, m, m, 1, NAN), ValueError);
  EXPECT_THROW(addmm(m, m, m, kInf, 1), ValueError);
}

TEST(Scalars, IntegersToNegativePowersRaise) {
  const Tensor x = tensor<std::int64_t>({1, 2});
  EXPECT_NE(error_of([&] { pow(x, -1); }).find("to the power -1"), std::string::npos);
  EXPECT_THROW(pow_(clone(x), -1), ValueError);
  EXPECT_THROW(pow(to(x, DType::UInt8), -1), ValueError);
  EXPECT_THROW(pow(x == 1, -1), ValueError);
  EXPECT_THROW(pow(to(x, DType::UInt8), 300), ValueError);
  EXPECT_EQ(pow(x, -1.0).data<float>()[1], 0.5f);
  EXPECT_EQ(float_power(x, -1).data<double>()[1], 0.5);
  EXPECT_EQ(pow(to(x, DType::Float32), -1).data<float>()[1], 0.5f);
  // In a tensor, as in PyTorch, a negative exponent gives 0, or 1 and -1 for these.
  EXPECT_EQ(pow(x, tensor<std::int64_t>({-1, -1})).data<std::int64_t>()[1], 0);
}

// ---- Back to numbers ----

TEST(Scalars, ConversionsToNumbersAreChecked) {
  EXPECT_EQ(Scalar(-1.9).to_int(), -1);
  EXPECT_EQ(Scalar(-0x1p63).to_int(), kMin);
  for (const double number : {0x1p63, -0x1.8p63, 1e300, double{NAN}, kInf, -kInf}) {
    EXPECT_THROW(Scalar(number).to_int(), ValueError) << number;
    EXPECT_THROW(scalar_tensor(number, DType::Float64).item<std::int64_t>(), ValueError) << number;
  }
  const Tensor large = scalar_tensor(300, DType::Int64);
  EXPECT_THROW(large.item<std::int8_t>(), ValueError);
  EXPECT_THROW(large.item<std::uint8_t>(), ValueError);
  EXPECT_THROW(scalar_tensor(-1, DType::Int64).item<std::uint64_t>(), ValueError);
  EXPECT_EQ(large.item<std::int16_t>(), 300);
  EXPECT_EQ(large.item<float>(), 300.0f);
  EXPECT_EQ((-Scalar(kMin)).to_int(), kMin);
}

}  // namespace
}  // namespace ts::test
