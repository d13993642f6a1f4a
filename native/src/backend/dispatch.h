// From a dtype known at run time to a type known at compile time: calls fn.template operator()<T>(), where T is the
// C++ type of `dtype`. There is one function for each set of types that kernels accept; a dtype outside the set
// throws DTypeError.
#pragma once

#include <cstdint>

#include "torchscratch/dtype.h"

namespace ts {

[[noreturn]] void throw_no_kernel(DType dtype);

template <class Fn>
void dispatch_floating(DType dtype, Fn&& fn) {
  switch (dtype) {
    case DType::Float16:
      return fn.template operator()<Half>();
    case DType::BFloat16:
      return fn.template operator()<BFloat16>();
    case DType::Float32:
      return fn.template operator()<float>();
    case DType::Float64:
      return fn.template operator()<double>();
    default:
      throw_no_kernel(dtype);
  }
}

/// For kernels that compute only in float and double; their callers convert 16-bit floats.
template <class Fn>
void dispatch_float_double(DType dtype, Fn&& fn) {
  if (dtype == DType::Float32) return fn.template operator()<float>();
  if (dtype == DType::Float64) return fn.template operator()<double>();
  throw_no_kernel(dtype);
}

/// All types except bool.
template <class Fn>
void dispatch_numeric(DType dtype, Fn&& fn) {
  switch (dtype) {
    case DType::UInt8:
      return fn.template operator()<std::uint8_t>();
    case DType::Int8:
      return fn.template operator()<std::int8_t>();
    case DType::Int16:
      return fn.template operator()<std::int16_t>();
    case DType::Int32:
      return fn.template operator()<std::int32_t>();
    case DType::Int64:
      return fn.template operator()<std::int64_t>();
    default:
      return dispatch_floating(dtype, static_cast<Fn&&>(fn));
  }
}

/// All types. Bool is passed as the byte in which it is stored.
template <class Fn>
void dispatch_all(DType dtype, Fn&& fn) {
  if (dtype == DType::Bool) return fn.template operator()<std::uint8_t>();
  dispatch_numeric(dtype, static_cast<Fn&&>(fn));
}

/// For kernels that only move elements: T is the unsigned integer of the element's size.
template <class Fn>
void dispatch_by_size(DType dtype, Fn&& fn) {
  switch (item_size(dtype)) {
    case 1:
      return fn.template operator()<std::uint8_t>();
    case 2:
      return fn.template operator()<std::uint16_t>();
    case 4:
      return fn.template operator()<std::uint32_t>();
    default:
      return fn.template operator()<std::uint64_t>();
  }
}

}  // namespace ts
