// A number that is not in a tensor: a double, an integer or a bool. Converting it to a type that cannot hold it throws.
#pragma once

#include <cstdint>
#include <limits>
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
  /// A floating value is rounded toward zero. Throws ValueError for NaN and what int64 cannot hold.
  std::int64_t to_int() const { return kind_ == Kind::Float ? truncated(float_) : int_; }
  bool to_bool() const { return kind_ == Kind::Float ? float_ != 0 : int_ != 0; }
  /// The number as a C++ number of type T. Throws ValueError if an integer type cannot hold it.
  template <class T>
  T to() const {
    if constexpr (std::is_same_v<T, bool>) {
      return to_bool();
    } else if constexpr (std::is_integral_v<T>) {
      const std::int64_t value = to_int();
      if constexpr (std::is_unsigned_v<T>) {
        if (value < 0) out_of_range(0, static_cast<std::uint64_t>(std::numeric_limits<T>::max()));
      }
      if constexpr (sizeof(T) < sizeof(std::int64_t)) {
        constexpr std::int64_t low = std::numeric_limits<T>::min(), high = std::numeric_limits<T>::max();
        if (value < low || value > high) out_of_range(low, static_cast<std::uint64_t>(high));
      }
      return static_cast<T>(value);
    } else {
      return static_cast<T>(to_double());
    }
  }

  /// The dtype of a tensor made from the number: bool, int64 or the default dtype.
  DType dtype() const {
    return kind_ == Kind::Float ? default_dtype() : kind_ == Kind::Int ? DType::Int64 : DType::Bool;
  }
  /// The number as text; "True" or "False" for a bool.
  TS_API std::string to_string() const;

 private:
  TS_API static std::int64_t truncated(double value);
  [[noreturn]] TS_API void out_of_range(std::int64_t low, std::uint64_t high) const;

  union {
    double float_;
    std::int64_t int_;
  };
  Kind kind_;
};

inline Scalar operator-(const Scalar& value) {
  if (value.is_floating()) return Scalar(-value.to_double());
  // The lowest integer wraps around to itself, as integers in tensors do.
  return Scalar(static_cast<std::int64_t>(0 - static_cast<std::uint64_t>(value.to_int())));
}

namespace detail {
TS_API void check_unusual(const Scalar& value, DType dtype);
}  // namespace detail

/// Throws ValueError if an element of `dtype` cannot hold the number, by PyTorch's rules. A floating number is rounded
/// toward zero for an integer type, and must not be NaN, infinite or out of range. For a floating type a finite number
/// must not be beyond the largest one. A negative integer wraps around in uint8, down to -255. Anything is a bool.
inline void check_fits(const Scalar& value, DType dtype) {
  // Nearly all numbers are small.
  if (!value.is_floating()) {
    const std::int64_t number = value.to_int();
    if (number >= -1 && number <= 127) return;
  } else if (ts::is_floating(dtype)) {
    const double number = value.to_double();
    if (number >= -65504 && number <= 65504) return;
  }
  detail::check_unusual(value, dtype);
}

}  // namespace ts
