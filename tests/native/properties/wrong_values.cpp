// See wrong_values.h.
#include "wrong_values.h"

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

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

}  // namespace

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
    case ArgumentKind::Device:
      return {Device{DeviceType::CUDA, 63}};
    case ArgumentKind::Enum:
      return {};
  }
  return {};
}

}  // namespace ts::test
