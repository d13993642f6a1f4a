// Autocast, over the whole operator table: each row with an `autocast:` column gives what it gives for operands that
// were converted by hand, in the type that its policy says, and gradients have the types of their operands.
#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <set>

#include "samples.h"

namespace ts::test {
namespace {

bool is_converted(const Tensor& tensor) {
  return tensor.defined() && is_floating(tensor.dtype()) && tensor.dtype() != DType::Float64;
}

Values in_type(const Values& values, DType dtype) {
  return with_tensors(values,
                      [&](const Tensor& tensor) { return is_converted(tensor) ? to(tensor.detach(), dtype) : tensor; });
}

// Every other operand in float32, the rest in bfloat16.
Values mixed(const Values& values) {
  int index = 0;
  return with_tensors(values, [&](const Tensor& tensor) {
    if (!is_converted(tensor)) return tensor;
    return to(tensor.detach(), index++ % 2 == 0 ? DType::BFloat16 : DType::Float32);
  });
}

DType widest(const Values& values) {
  DType widest = DType::BFloat16;
  with_tensors(values, [&](const Tensor& tensor) {
    if (is_converted(tensor)) widest = promote(widest, tensor.dtype());
    return tensor;
  });
  return widest;
}

bool names_dtype(const Values& values) {
  for (const Value& value : values) {
    if (std::holds_alternative<DType>(value)) return true;
  }
  return false;
}

TensorList run(const OpCall& op, const Values& values, std::string* failure) {
  TensorList results;
  std::string complaint;
  *failure = failure_of(op, values, &results, &complaint);
  EXPECT_EQ(complaint, "") << describe_call(op, values);
  return results;
}

// Bit for bit, so that NaN is the same as NaN.
bool same(const Tensor& a, const Tensor& b) {
  if (a.defined() != b.defined()) return false;
  if (!a.defined()) return true;
  if (a.dtype() != b.dtype() || a.sizes() != b.sizes()) return false;
  const Tensor x = to(a.detach(), DType::Float64), y = to(b.detach(), DType::Float64);
  return all(logical_or(x == y, logical_and(isnan(x), isnan(y)))).item().to_bool();
}

struct Case {
  Values operands;
  DType type;
};

Case case_of(const OpCall& op, const Values& values) {
  if (std::strcmp(op.autocast, "lower") == 0) return {in_type(values, DType::Float32), DType::BFloat16};
  if (std::strcmp(op.autocast, "float") == 0) return {in_type(values, DType::BFloat16), DType::Float32};
  const Values operands = mixed(values);
  return {operands, widest(operands)};
}

TEST(AutocastRows, EqualOperandsThatWereConvertedByHand) {
  std::map<std::string, int> succeeded;
  for (const PropertySample& sample : property_samples()) {
    const OpCall& op = *sample.op;
    if (std::strlen(op.autocast) == 0) continue;
    const auto [operands, type] = case_of(op, sample.values);
    const bool chosen = names_dtype(operands);
    std::string by_hand_failure, failure;
    const TensorList expected = run(op, chosen ? operands : in_type(operands, type), &by_hand_failure);
    const AutocastScope autocast(DType::BFloat16);
    const TensorList results = run(op, operands, &failure);
    EXPECT_EQ(failure.empty(), by_hand_failure.empty()) << describe_call(op, operands) << failure << by_hand_failure;
    if (!failure.empty()) continue;
    ++succeeded[op.function];
    ASSERT_EQ(results.size(), expected.size()) << describe_call(op, operands);
    for (std::size_t i = 0; i < results.size(); ++i) {
      EXPECT_TRUE(same(results[i], expected[i]))
          << describe_call(op, operands) << ": " << describe(results[i]) << " instead of " << describe(expected[i]);
      if (!chosen && is_converted(results[i])) {
        EXPECT_EQ(results[i].dtype(), type) << describe_call(op, operands);
      }
    }
  }
  for (const OpCall& op : op_calls()) {
    if (std::strlen(op.autocast) > 0) {
      EXPECT_GT(succeeded[op.function], 0) << op.row;
    }
  }
}

// Calls the operator with leaves, and a backward pass through all of its results; returns whether there is one.
bool differentiate(const OpCall& op, const Values& values, TensorList* leaves) {
  const Values operands = with_tensors(values, [&](const Tensor& tensor) {
    if (!is_converted(tensor)) return tensor;
    leaves->push_back(clone(tensor).requires_grad_());
    return leaves->back();
  });
  manual_seed(1);  // for the dropout of attention
  try {
    TensorList outputs;
    for (const Tensor& result : op.call(operands)) {
      if (result.defined() && result.requires_grad()) outputs.push_back(sum(result));
    }
    if (!outputs.empty()) backward(outputs);
    return !outputs.empty();
  } catch (const Error&) {
    return false;
  }
}

TEST(AutocastRows, GradientsHaveTheTypesOfTheirOperands) {
  int differentiated = 0;
  for (const PropertySample& sample : property_samples()) {
    const OpCall& op = *sample.op;
    if (std::strlen(op.autocast) == 0) continue;
    const auto [operands, type] = case_of(op, sample.values);
    TensorList by_hand, leaves;
    const bool expected = differentiate(op, names_dtype(operands) ? operands : in_type(operands, type), &by_hand);
    const AutocastScope autocast(DType::BFloat16);
    ASSERT_EQ(differentiate(op, operands, &leaves), expected) << describe_call(op, operands);
    if (!expected) continue;
    ++differentiated;
    for (std::size_t i = 0; i < leaves.size(); ++i) {
      const Tensor gradient = leaves[i].grad(), other = by_hand[i].grad();
      ASSERT_EQ(gradient.defined(), other.defined()) << describe_call(op, operands);
      if (!gradient.defined()) continue;
      EXPECT_EQ(gradient.dtype(), leaves[i].dtype()) << describe_call(op, operands);
      EXPECT_TRUE(same(gradient, to(other, gradient.dtype()))) << describe_call(op, operands);
    }
  }
  EXPECT_GT(differentiated, 100);
}

TEST(AutocastRows, InPlaceFormsComputeInTheTypesTheyAreGiven) {
  std::set<std::string> rows;
  for (const OpCall& op : op_calls()) {
    if (std::strlen(op.autocast) > 0) rows.insert(op.row);
  }
  for (const PropertySample& sample : property_samples()) {
    const OpCall& op = *sample.op;
    if (!op.in_place || rows.count(op.row) == 0) continue;
    for (const DType dtype : {DType::Float32, DType::BFloat16}) {
      const auto copies = [&] {
        return with_tensors(in_type(sample.values, dtype),
                            [](const Tensor& tensor) { return tensor.defined() ? clone(tensor) : tensor; });
      };
      std::string expected_failure, failure;
      const TensorList expected = run(op, copies(), &expected_failure);
      const AutocastScope autocast(DType::BFloat16);
      const TensorList results = run(op, copies(), &failure);
      EXPECT_EQ(failure, expected_failure) << describe_call(op, sample.values);
      if (failure.empty()) {
        EXPECT_TRUE(same(results[0], expected[0])) << describe_call(op, sample.values);
      }
    }
  }
}

}  // namespace
}  // namespace ts::test
