// A number that is not in a tensor: a double, an integer or a bool.
#pragma once

#include <cstdint>
#include <string>
#include <type_traits>

#include "torchscratch/dtype.h"

namespace ts {

/// A double, an integer or a bool. As in PyTorch, a Scalar operand can raise the category of a result's dtype (from
/// bool to integer to floating) but never widens it within the category: float16 times 2.5 is float16.
class Scalar {
 public:
  enum class Kind : std::int32_t { Bool = 0, Int = 1, Float = 2 };

  Scalar() : int_(0), kind_(Kind::Int) {}
  template <class T, class = std::enable_if_t<std::is_arithmetic_v<T>>>
  Scalar(T value) {  // NOLINT: implicit by design
    if constexpr (std::is_same_v<T, bool>) {
      kind_ = Kind::Bool;
      int_ = value ? 1 : 0;
    } else if constexpr (std::is_integral_v<T>) {
      kind_ = Kind::Int;
      int_ = static_cast<std::int64_t>(value);
    } else {
      kind_ = Kind::Float;
      float_ = static_cast<double>(value);
    }
  }

  Kind kind() const { return kind_; }
  bool is_floating() const { return kind_ == Kind::Float; }
  double to_double() const { return kind_ == Kind::Float ? float_ : static_cast<double>(int_); }
  /// A floating value is rounded toward zero.
  std::int64_t to_int() const { return kind_ == Kind::Float ? static_cast<std::int64_t>(float_) : int_; }
  bool to_bool() const { return kind_ == Kind::Float ? float_ != 0 : int_ != 0; }

  /// The dtype of a tensor made from the number: bool, int64 or the default dtype.
  DType dtype() const {
    return kind_ == Kind::Float ? default_dtype() : kind_ == Kind::Int ? DType::Int64 : DType::Bool;
  }
  /// The number as text; "True" or "False" for a bool.
  TS_API std::string to_string() const;

 private:
  union {
    double float_;
    std::int64_t int_;
  };
  Kind kind_;
};

inline Scalar operator-(const Scalar& value) {
  return value.is_floating() ? Scalar(-value.to_double()) : Scalar(-value.to_int());
}

}  // namespace ts
