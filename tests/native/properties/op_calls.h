// The operator table as data, for tests that iterate over it: op_calls_*.g.cpp, which the generator writes, have an
// entry for each function of each row, so a new row is tested as soon as it is in native/ops.yaml.
#pragma once

#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <variant>
#include <vector>

#include "torchscratch/enums.g.h"
#include "torchscratch/tensor.h"

namespace ts::test {

enum class ArgumentKind { Tensor, TensorList, Scalar, Int, IntList, Float, Bool, String, DType, Device, Enum };

/// The value of an argument. An empty one is an undefined tensor or an absent optional; enums are represented by
/// their numbers.
using Value = std::variant<std::monostate, Tensor, TensorList, Scalar, std::int64_t, std::vector<std::int64_t>, double,
                           bool, std::string, DType, Device>;
using Values = std::vector<Value>;

struct Argument {
  const char* name;
  ArgumentKind kind;
  bool optional;
  bool has_default;
  int choices;  // number of values of an enum; N of int[N]
  Value initial;
};

struct OpCall {
  const char* row;       // "max.dim"
  const char* function;  // "max", as in error messages; "add_" for in-place
  bool in_place;
  bool pointwise;
  const char* autocast;  // "lower", "float" or "widest"; "" if autocast leaves it alone
  std::vector<Argument> arguments;
  TensorList (*call)(const Values&);
};

/// In no particular order; complete once main runs.
inline std::vector<OpCall>& op_calls() {
  static std::vector<OpCall> calls;
  return calls;
}

/// Adds the functions of a family before main runs.
struct OpFamily {
  explicit OpFamily(void (*add)(std::vector<OpCall>& calls)) { add(op_calls()); }
};

// ---- Helpers of the generated registry ----

template <class T>
struct Unwrapped {
  static constexpr bool optional = false;
  using Type = T;
};
template <class T>
struct Unwrapped<std::optional<T>> {
  static constexpr bool optional = true;
  using Type = T;
};

/// Converts the value to the type of a parameter.
template <class T>
T as(const Value& value) {
  if constexpr (Unwrapped<T>::optional) {
    if (std::holds_alternative<std::monostate>(value)) return std::nullopt;
    return as<typename Unwrapped<T>::Type>(value);
  } else if constexpr (std::is_same_v<T, IntList>) {
    return IntList(std::get<std::vector<std::int64_t>>(value));
  } else if constexpr (std::is_same_v<T, Tensor>) {
    return std::holds_alternative<std::monostate>(value) ? Tensor() : std::get<Tensor>(value);
  } else if constexpr (std::is_enum_v<T> && !std::is_same_v<T, DType>) {
    return static_cast<T>(std::get<std::int64_t>(value));
  } else {
    return std::get<T>(value);
  }
}

inline TensorList pack(Tensor result) { return {std::move(result)}; }
inline TensorList pack(TensorList results) { return results; }
template <class... Results>
TensorList pack(std::tuple<Results...> results) {
  return std::apply([](auto&... each) { return TensorList{each...}; }, results);
}

}  // namespace ts::test
