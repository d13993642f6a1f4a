// Element types: their names, sizes and categories, and PyTorch's rules of promotion.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>

#include "torchscratch/export.h"

namespace ts {

/// The element type of a tensor. Within a category (bool, integer, floating) wider types come later. The values are
/// those of ts_dtype in the C ABI.
enum class DType : std::uint8_t {
  Bool = 0,
  UInt8 = 1,
  Int8 = 2,
  Int16 = 3,
  Int32 = 4,
  Int64 = 5,
  Float16 = 6,
  BFloat16 = 7,
  Float32 = 8,
  Float64 = 9,
};

inline constexpr int kDTypeCount = 10;

/// The size of one element in bytes.
constexpr std::int64_t item_size(DType dtype) {
  constexpr std::int8_t sizes[kDTypeCount] = {1, 1, 1, 2, 4, 8, 2, 2, 4, 8};
  return sizes[static_cast<int>(dtype)];
}

constexpr bool is_floating(DType dtype) { return dtype >= DType::Float16; }

/// Whether it is an integer type; bool is not.
constexpr bool is_integer(DType dtype) { return dtype >= DType::UInt8 && dtype <= DType::Int64; }

/// PyTorch's name of the type, such as "float32", "int64" or "bool".
constexpr const char* dtype_name(DType dtype) {
  constexpr const char* names[kDTypeCount] = {"bool",  "uint8",   "int8",     "int16",   "int32",
                                              "int64", "float16", "bfloat16", "float32", "float64"};
  return names[static_cast<int>(dtype)];
}

/// The type of a result computed from both, by PyTorch's table: uint8 and a signed integer give a wider signed integer,
/// float16 and bfloat16 give float32, and an integer and a floating type give the floating type.
TS_API DType promote(DType a, DType b);

/// Whether an in-place operator may store a result of type `from` in a tensor of type `to`, as PyTorch's can_cast: a
/// floating value may not be stored as an integer, nor a number as a bool.
constexpr bool can_cast(DType from, DType to) {
  if (is_floating(from)) return is_floating(to);
  if (from != DType::Bool) return to != DType::Bool;
  return true;
}

/// The type of a result that is always floating, computed from `dtype`: the type itself if it is floating, otherwise
/// the default dtype.
TS_API DType floating_result(DType dtype);

/// The dtype of a new floating tensor for which none is given; initially float32. One setting for the whole process.
TS_API DType default_dtype();
/// Throws DTypeError unless `dtype` is floating.
TS_API void set_default_dtype(DType dtype);

/// An IEEE 754 binary16 number. It only stores the value; arithmetic is done in float.
struct Half {
  std::uint16_t bits;
};

/// A bfloat16 number, the upper half of a float32. It only stores the value; arithmetic is done in float.
struct BFloat16 {
  std::uint16_t bits;
};

namespace detail {
inline std::uint32_t float_bits(float value) {
  std::uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}
inline float float_from_bits(std::uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}
}  // namespace detail

/// Exact.
inline float to_float(BFloat16 value) { return detail::float_from_bits(static_cast<std::uint32_t>(value.bits) << 16); }

/// Rounds to nearest even; NaN stays NaN.
inline BFloat16 to_bfloat16(float value) {
  const std::uint32_t bits = detail::float_bits(value);
  if ((bits & 0x7fffffffu) > 0x7f800000u) return {static_cast<std::uint16_t>((bits >> 16) | 0x40u)};
  return {static_cast<std::uint16_t>((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16)};
}

/// Exact.
inline float to_float(Half value) {
  const std::uint32_t sign = static_cast<std::uint32_t>(value.bits & 0x8000u) << 16;
  const std::uint32_t magnitude = value.bits & 0x7fffu;
  if (magnitude >= 0x7c00u) return detail::float_from_bits(sign | 0x7f800000u | ((magnitude & 0x3ffu) << 13));
  if (magnitude >= 0x0400u) return detail::float_from_bits(sign | ((magnitude << 13) + 0x38000000u));
  const float subnormal = static_cast<float>(magnitude) * 5.9604644775390625e-8f;  // 2^-24
  return detail::float_from_bits(sign | detail::float_bits(subnormal));
}

/// Rounds to nearest even; overflow gives infinity, NaN stays NaN.
inline Half to_half(float value) {
  const std::uint32_t bits = detail::float_bits(value);
  const std::uint32_t sign = (bits >> 16) & 0x8000u;
  const std::uint32_t magnitude = bits & 0x7fffffffu;
  if (magnitude > 0x7f800000u) return {static_cast<std::uint16_t>(sign | 0x7e00u | ((magnitude >> 13) & 0x3ffu))};
  if (magnitude >= 0x477ff000u) return {static_cast<std::uint16_t>(sign | 0x7c00u)};
  if (magnitude < 0x38800000u) {
    // Subnormal: adding 0.5 aligns the significand so that the addition itself rounds to nearest even.
    const float shifted = detail::float_from_bits(magnitude) + 0.5f;
    return {static_cast<std::uint16_t>(sign | (detail::float_bits(shifted) - 0x3f000000u))};
  }
  const std::uint32_t rounded = magnitude + 0xfffu + ((magnitude >> 13) & 1u) - 0x38000000u;
  return {static_cast<std::uint16_t>(sign | (rounded >> 13))};
}

/// DTypeTraits<DType::Float32>::Type is float.
template <DType>
struct DTypeTraits;
/// DTypeOf<float>::value is DType::Float32.
template <class T>
struct DTypeOf;

/// Expands X(type, name) for each element type.

#define TS_FOR_EACH_DTYPE(X)  \
  X(bool, Bool)               \
  X(std::uint8_t, UInt8)      \
  X(std::int8_t, Int8)        \
  X(std::int16_t, Int16)      \
  X(std::int32_t, Int32)      \
  X(std::int64_t, Int64)      \
  X(::ts::Half, Float16)      \
  X(::ts::BFloat16, BFloat16) \
  X(float, Float32)           \
  X(double, Float64)

#define TS_DTYPE_TRAITS(type, name)                \
  template <>                                      \
  struct DTypeTraits<DType::name> {                \
    using Type = type;                             \
  };                                               \
  template <>                                      \
  struct DTypeOf<type> {                           \
    static constexpr DType value = DType::name;    \
  };
TS_FOR_EACH_DTYPE(TS_DTYPE_TRAITS)
#undef TS_DTYPE_TRAITS

/// The DType of a C++ type.
template <class T>
inline constexpr DType dtype_of = DTypeOf<T>::value;

}  // namespace ts
