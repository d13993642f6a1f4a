// Calls every function with the extremes of its types, forward and backward. There is nothing to compare: a call must
// return or raise. Under UBSan no sum may overflow, no shift exceed its type and no conversion leave its range.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>

#include "wrong_values.h"

namespace ts::test {
namespace {

constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();

// The lowest and the highest number of an integer type in turn, or either of them alone.
Tensor extremes(const Tensor& like, DType dtype, bool low, bool high) {
  const std::int64_t bits = item_size(dtype) * 8;
  const bool is_signed = dtype != DType::UInt8;
  const std::int64_t highest = bits == 64 ? kMax : (std::int64_t{1} << (bits - (is_signed ? 1 : 0))) - 1;
  const std::int64_t lowest = is_signed ? -highest - 1 : 0;
  std::vector<std::int64_t> values(static_cast<std::size_t>(like.numel()));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = (i % 2 == 0 ? low : !high) ? lowest : highest;
  return to(tensor(values, like.sizes()), dtype);
}

// The result of the call and, if there is one, its gradient with respect to every floating operand.
void call(const OpCall& op, const Values& values) {
  TensorList leaves, results, roots, vectors;
  const Values tracked = with_tensors(values, [&](const Tensor& tensor) {
    if (!tensor.defined() || !is_floating(tensor.dtype())) return tensor.defined() ? clone(tensor) : tensor;
    leaves.push_back(clone(tensor.detach()).requires_grad_());
    return op.in_place ? leaves.back() * 1 : leaves.back();
  });
  std::string complaint;
  failure_of(op, tracked, &results, &complaint);
  EXPECT_EQ(complaint, "");
  for (const Tensor& result : results) {
    // An expanded result may be larger than any memory.
    if (!result.requires_grad() || result.numel() > 1'000'000) continue;
    roots.push_back(result);
    vectors.push_back(ones_like(result));
  }
  if (roots.empty() || leaves.empty()) return;
  try {
    grad(roots, leaves, vectors, false, false, true);
  } catch (const Error& e) {
    EXPECT_NE(e.kind(), ErrorKind::Generic) << describe_call(op, values) << ": " << e.what();
  }
}

TEST(Properties, IntegersAtTheirLimits) {
  for (const PropertySample& sample : property_samples()) {
    for (const DType dtype : {DType::UInt8, DType::Int8, DType::Int16, DType::Int32, DType::Int64}) {
      for (const bool low : {true, false}) {
        for (const bool high : {true, false}) {
          call(*sample.op, with_tensors(sample.values, [&](const Tensor& tensor) {
            return tensor.dtype() == DType::Float32 ? extremes(tensor, dtype, low, high) : tensor;
          }));
        }
      }
    }
  }
}

// Also as indices, classes, lengths and counts.
TEST(Properties, IndicesAtTheirLimits) {
  for (const PropertySample& sample : property_samples()) {
    for (const bool low : {true, false}) {
      for (const bool high : {true, false}) {
        call(*sample.op, with_tensors(sample.values, [&](const Tensor& tensor) {
          return tensor.dtype() == DType::Int64 ? extremes(tensor, DType::Int64, low, high) : tensor;
        }));
      }
    }
  }
}

TEST(Properties, FloatingNumbersAtTheirLimits) {
  for (const PropertySample& sample : property_samples()) {
    for (const DType dtype : {DType::Float16, DType::BFloat16, DType::Float32, DType::Float64}) {
      for (const double number : {double{NAN}, HUGE_VAL, -HUGE_VAL, 1e300, -1e300, 9.3e18, -9.3e18, 5e-324}) {
        call(*sample.op, with_tensors(sample.values, [&](const Tensor& tensor) {
          return tensor.dtype() == DType::Float32 ? to(full(tensor.sizes(), number, DType::Float64), dtype) : tensor;
        }));
      }
    }
  }
}

TEST(Properties, NumbersAtTheirLimits) {
  for (const PropertySample& sample : property_samples()) {
    const OpCall& op = *sample.op;
    for (std::size_t i = 0; i < op.arguments.size(); ++i) {
      const ArgumentKind kind = op.arguments[i].kind;
      if (kind == ArgumentKind::Tensor || kind == ArgumentKind::TensorList) continue;
      std::vector<Value> numbers = wrong_values(op.arguments[i], sample.values[i]);
      if (kind == ArgumentKind::Scalar) {
        for (const double number : {1e300, -1e300, 9.3e18, -9.3e18, 0.5}) numbers.emplace_back(Scalar(number));
        numbers.emplace_back(Scalar(kMin + 1));
      }
      if (kind == ArgumentKind::Int) {
        for (const std::int64_t number : {kMin + 1, kMax - 1, std::int64_t{1} << 31, std::int64_t{1} << 62}) {
          numbers.emplace_back(number);
        }
      }
      if (kind == ArgumentKind::Float) {
        for (const double number : {-1e300, 9.3e18, -9.3e18, 5e-324}) numbers.emplace_back(number);
      }
      for (const Value& number : numbers) {
        Values values = sample.values;
        values[i] = number;
        call(op, values);
        call(op, with_tensors(values, [](const Tensor& tensor) {
               return tensor.defined() && tensor.dtype() == DType::Float32 ? to(tensor * 5 + 1, DType::Int64) : tensor;
             }));
      }
    }
  }
}

// The lowest integer divided by -1 does not exist; the processor traps.
TEST(Properties, TheLowestIntegerDividedByMinusOne) {
  const Tensor lowest = full({1, 1, 1}, kMin, DType::Int64), divisor = full({1, 1, 1}, -1, DType::Int64);
  EXPECT_EQ(avg_pool2d(lowest, {1, 1}, std::nullopt, {0, 0}, false, true, -1).item<std::int64_t>(), kMin);
  EXPECT_EQ(floor_divide(lowest, divisor).item<std::int64_t>(), kMin);
  EXPECT_EQ(div(lowest, divisor, RoundingMode::Trunc).item<std::int64_t>(), kMin);
  EXPECT_EQ(remainder(lowest, divisor).item<std::int64_t>(), 0);
  EXPECT_EQ(fmod(lowest, divisor).item<std::int64_t>(), 0);
}

}  // namespace
}  // namespace ts::test
