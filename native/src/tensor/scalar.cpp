// Scalars as text, and the ranges of their conversions.
#include "torchscratch/scalar.h"

#include <cmath>

#include "torchscratch/error.h"

namespace ts {

std::string Scalar::to_string() const {
  if (kind_ == Kind::Bool) return int_ ? "True" : "False";
  if (kind_ == Kind::Int) return std::to_string(int_);
  return format(float_);
}

std::int64_t Scalar::truncated(double value) {
  TS_CHECK(value >= -0x1p63 && value < 0x1p63, ValueError, "the number ", value, " is not an integer of 64 bits");
  return static_cast<std::int64_t>(value);
}

void Scalar::out_of_range(std::int64_t low, std::uint64_t high) const {
  throw ValueError(detail::in_operator(format("the number ", to_string(), " is not in ", low, " to ", high)));
}

namespace detail {
namespace {

double largest(DType dtype) {
  switch (dtype) {
    case DType::Float16:
      return 65504;
    case DType::BFloat16:
      return 0x1.fep127;
    case DType::Float32:
      return std::numeric_limits<float>::max();
    default:
      return std::numeric_limits<double>::max();
  }
}

struct Range {
  std::int64_t low, high;
};

Range range_of(DType dtype) {
  switch (dtype) {
    case DType::UInt8:
      return {0, 255};
    case DType::Int8:
      return {-128, 127};
    case DType::Int16:
      return {-32768, 32767};
    case DType::Int32:
      return {std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max()};
    default:
      return {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()};
  }
}

}  // namespace

void check_unusual(const Scalar& value, DType dtype) {
  if (dtype == DType::Bool) return;
  if (ts::is_floating(dtype)) {
    const double number = value.to_double();
    TS_CHECK(!(std::isfinite(number) && std::fabs(number) > largest(dtype)), ValueError, "the number ",
             value.to_string(), " does not fit in ", dtype_name(dtype), ", whose largest is ", largest(dtype),
             "; use a wider dtype, or infinity");
    return;
  }
  const auto [low, high] = range_of(dtype);
  bool fits;
  if (value.is_floating()) {
    const double number = value.to_double();
    // The bounds of int64 are not exact in double: its upper one would round up to 2^63.
    fits = number >= static_cast<double>(low) &&
           (dtype == DType::Int64 ? number < 0x1p63 : number <= static_cast<double>(high));
  } else {
    fits = value.to_int() >= (dtype == DType::UInt8 ? -high : low) && value.to_int() <= high;
  }
  TS_CHECK(fits, ValueError, "the number ", value.to_string(), " does not fit in ", dtype_name(dtype),
           ", which holds integers from ", low, " to ", high, "; use another dtype");
}

}  // namespace detail
}  // namespace ts
