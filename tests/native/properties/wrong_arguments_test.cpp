// Calls every function of the operator table with each argument wrong in turn. Some of these values happen to be valid,
// so a call may succeed; but it must never crash, or fail with anything other than a typed error that names the
// operator. If an argument cannot be valid, the error must occur and name the argument as well.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <set>

#include "samples.h"

namespace ts::test {
namespace {

constexpr std::int64_t kHuge = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kSmall = std::numeric_limits<std::int64_t>::min();

using Ints = std::vector<std::int64_t>;

// The tensor with every kind of defect: wrong type, rank and sizes.
std::vector<Value> wrong_tensors(const Tensor& right) {
  std::vector<Value> wrong;
  for (const DType dtype : {DType::Bool, DType::UInt8, DType::Int32, DType::Int64, DType::BFloat16, DType::Float64}) {
    if (dtype != right.dtype()) wrong.push_back(to(right, dtype));
  }
  wrong.push_back(unsqueeze(right, 0));
  wrong.push_back(unsqueeze(unsqueeze(right, 0), 0));
  wrong.push_back(zeros({}, right.dtype()));
  wrong.push_back(zeros({0}, right.dtype()));
  if (right.dim() > 0) {
    wrong.push_back(clone(select(right, 0, 0)));
    wrong.push_back(cat({right, right}, 0));
    wrong.push_back(cat({right, right}, -1));
    wrong.push_back(cat({right, narrow(right, -1, 0, 1)}, -1));
    wrong.push_back(clone(narrow(right, -1, 0, 0)));
  }
  // As indices: far out of range on both sides.
  if (!is_floating(right.dtype()) && right.dtype() != DType::Bool) {
    for (const std::int64_t position : {kHuge, kSmall, std::int64_t{1000}, std::int64_t{-1000}}) {
      wrong.push_back(full(right.sizes(), position, right.dtype()));
    }
  }
  return wrong;
}

std::vector<Value> wrong_values(const Argument& argument, const Value& right) {
  switch (argument.kind) {
    case ArgumentKind::Tensor: {
      std::vector<Value> wrong{Value{}};
      const Tensor stand_in = std::holds_alternative<Tensor>(right) ? std::get<Tensor>(right) : ones({3, 4});
      for (Value& value : wrong_tensors(stand_in)) wrong.push_back(value);
      return wrong;
    }
    case ArgumentKind::TensorList: {
      const TensorList list = std::get<TensorList>(right);
      std::vector<Value> wrong{TensorList{}, TensorList{Tensor()}, TensorList{list[0], Tensor()}};
      for (const Value& value : wrong_tensors(list[0])) {
        TensorList changed = list;
        changed.back() = std::get<Tensor>(value);
        wrong.push_back(changed);
        wrong.push_back(TensorList{std::get<Tensor>(value)});
      }
      wrong.push_back(TensorList(20, list[0]));
      return wrong;
    }
    case ArgumentKind::Scalar:
      return {Scalar(NAN), Scalar(INFINITY), Scalar(kSmall), Scalar(kHuge), Scalar(-1), Scalar(0), Scalar(true)};
    case ArgumentKind::Int:
      return {kHuge, kSmall, std::int64_t{1000}, std::int64_t{-1000}, std::int64_t{-1}, std::int64_t{0}};
    case ArgumentKind::IntList: {
      std::vector<Value> wrong{Ints{},
                               Ints{kHuge},
                               Ints{kSmall},
                               Ints{1000},
                               Ints{-1},
                               Ints{0, 0},
                               Ints{kHuge, kHuge},
                               Ints{kHuge, 2, -1},
                               Ints{1, 2, 3, 4, 5, 6, 7},
                               Ints(20, 1)};
      if (const Ints* list = std::get_if<Ints>(&right)) {
        for (std::size_t i = 0; i < list->size(); ++i) {
          for (const std::int64_t number : {kHuge, kSmall, std::int64_t{-1}, std::int64_t{0}, std::int64_t{1000}}) {
            Ints changed = *list;
            changed[i] = number;
            wrong.push_back(changed);
          }
        }
      }
      return wrong;
    }
    case ArgumentKind::Float:
      return {NAN, HUGE_VAL, -HUGE_VAL, -1.0, 0.0, 1e300};
    case ArgumentKind::Bool:
      return {!std::get<bool>(right)};
    case ArgumentKind::String:
      return {std::string(),          std::string("->"),          std::string("ij,jk->iz"), std::string("i...j...,jk"),
              std::string(1000, 'a'), std::string("\xff\x00,", 3)};
    case ArgumentKind::DType:
      return {DType::Bool, DType::Int8, DType::Float16};
    case ArgumentKind::Enum:
      return {};
  }
  return {};
}

Values fresh(const Values& values) {
  return with_tensors(values, [](const Tensor& tensor) { return tensor.defined() ? clone(tensor) : tensor; });
}

bool is_dimension(const Argument& argument) {
  static const std::set<std::string> names = {"dim", "dim0", "dim1", "dim2", "start_dim", "end_dim", "axis0", "axis1"};
  return argument.kind == ArgumentKind::Int && names.count(argument.name) > 0;
}

TEST(Properties, WrongArgumentsRaiseTypedErrors) {
  for (const PropertySample& sample : property_samples()) {
    const OpCall& op = *sample.op;
    for (std::size_t i = 0; i < op.arguments.size(); ++i) {
      const Argument& argument = op.arguments[i];
      for (const Value& wrong : wrong_values(argument, sample.values[i])) {
        Values values = fresh(sample.values);
        values[i] = wrong;
        std::string complaint;
        const std::string failure = failure_of(op, fresh(values), nullptr, &complaint);
        EXPECT_EQ(complaint, "");
        const std::string call = describe_call(op, values);
        const bool undefined = std::holds_alternative<std::monostate>(wrong) && !argument.optional;
        const auto* number = std::get_if<std::int64_t>(&wrong);
        if (undefined) {
          EXPECT_NE(failure.find(argument.name), std::string::npos)
              << call << ": the error does not name " << argument.name << ": " << failure;
        }
        if (is_dimension(argument) && number && (*number > 100 || *number < -100)) {
          EXPECT_NE(failure.find("dim"), std::string::npos)
              << call << ": the error does not mention the dimension: " << failure;
        }
      }
    }
  }
}

}  // namespace
}  // namespace ts::test
