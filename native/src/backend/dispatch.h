// From a dtype known at run time to a type known to the compiler: calls fn.template operator()<T>() for the type of
// `dtype`. One function for each set of types that kernels take; a dtype outside it throws DTypeError.
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

/// For kernels that compute in these, and leave half types to whoever calls them.
template <class Fn>
void dispatch_float_double(DType dtype, Fn&& fn) {
  if (dtype == DType::Float32) return fn.template operator()<float>();
  if (dtype == DType::Float64) return fn.template operator()<double>();
  throw_no_kernel(dtype);
}

/// All but bool.
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

/// Bool is handed on as the byte that it is.
template <class Fn>
void dispatch_all(DType dtype, Fn&& fn) {
  if (dtype == DType::Bool) return fn.template operator()<std::uint8_t>();
  dispatch_numeric(dtype, static_cast<Fn&&>(fn));
}

/// For kernels that only move elements: the unsigned integer of their size.
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
