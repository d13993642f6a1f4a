// What every function of the operator table does with numbers that integers cannot hold.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <set>
#include <string>

#include "samples.h"

namespace ts::test {
namespace {

// The real operands of the sample as integers.
Values in_integers(const Values& values, DType dtype) {
  return with_tensors(values, [&](const Tensor& tensor) {
    return tensor.dtype() == DType::Float32 ? to(tensor * 5 + 1, dtype) : clone(tensor);
  });
}

bool has_reals(const Values& values) {
  bool found = false;
  with_tensors(values, [&](const Tensor& tensor) {
    found = found || tensor.dtype() == DType::Float32;
    return tensor;
  });
  return found;
}

// Comparisons, which write 0 and 1 when they are in place.
bool compares(const OpCall& op) { return std::set<std::string>{"eq", "ne", "lt", "le", "gt", "ge"}.count(op.row) > 0; }

// NaN and infinity have no integer: the call raises, or its result is not of integers.
TEST(Properties, NumbersThatAreNotFiniteGiveNoIntegers) {
  int raised = 0, promoted = 0;
  for (const PropertySample& sample : property_samples()) {
    if (!has_reals(sample.values)) continue;
    const OpCall& op = *sample.op;
    if (op.in_place && compares(op)) continue;
    for (const DType dtype : {DType::UInt8, DType::Int32, DType::Int64}) {
      for (std::size_t i = 0; i < op.arguments.size(); ++i) {
        if (op.arguments[i].kind != ArgumentKind::Scalar) continue;
        for (const double number : {double{NAN}, HUGE_VAL, -HUGE_VAL}) {
          Values values = in_integers(sample.values, dtype);
          values[i] = Scalar(number);
          TensorList results;
          std::string complaint;
          const std::string failure = failure_of(op, values, &results, &complaint);
          EXPECT_EQ(complaint, "");
          failure.empty() ? ++promoted : ++raised;
          for (const Tensor& result : results) {
            EXPECT_FALSE(is_integer(result.dtype())) << describe_call(op, values) << " is " << describe(result);
          }
        }
      }
    }
  }
  EXPECT_GT(raised, 100);
  EXPECT_GT(promoted, 100);
}

// A floating alpha is refused for integers, except as the factor of a matrix product, which PyTorch truncates.
TEST(Properties, AFloatingAlphaIsRefusedForIntegers) {
  const std::set<std::string> truncate = {"addmm", "addmv", "addr", "baddbmm", "addbmm"};
  int refused = 0;
  for (const PropertySample& sample : property_samples()) {
    const OpCall& op = *sample.op;
    if (truncate.count(op.row) || !has_reals(sample.values)) continue;
    for (std::size_t i = 0; i < op.arguments.size(); ++i) {
      const Argument& argument = op.arguments[i];
      if (argument.kind != ArgumentKind::Scalar || std::string(argument.name) != "alpha") continue;
      Values values = in_integers(sample.values, DType::Int64);
      for (Value& value : values) {
        if (auto* number = std::get_if<Scalar>(&value)) *number = Scalar(2);
      }
      std::string complaint;
      TensorList results;
      // Not defined for integers, or not in integers.
      if (!failure_of(op, values, &results, &complaint).empty() || is_floating(results[0].dtype())) continue;
      values[i] = Scalar(1.5);
      EXPECT_NE(failure_of(op, values, nullptr, &complaint), "") << describe_call(op, values);
      EXPECT_EQ(complaint, "");
      ++refused;
    }
  }
  EXPECT_GE(refused, 5);
}

}  // namespace
}  // namespace ts::test
