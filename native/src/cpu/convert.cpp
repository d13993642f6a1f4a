// The 10 x 10 conversion loops. The compiler vectorizes all of them except those of float16, which use
// dedicated instructions.
#include "cpu/convert.h"

#include <cstring>
#include <type_traits>

#include "cpu/simd_target.h"
#include "tensor/narrowing.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/convert.cpp"
#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>

#ifndef TS_CPU_CONVERT_BOOL_BYTE
#define TS_CPU_CONVERT_BOOL_BYTE
namespace ts::cpu {
// A bool as stored in memory; reading a byte other than 0 and 1 as a C++ bool would be undefined behaviour.
struct BoolByte {
  std::uint8_t byte;
};
}  // namespace ts::cpu
#endif

HWY_BEFORE_NAMESPACE();
namespace ts::cpu {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

template <class T>
constexpr bool kIsHalf = std::is_same_v<T, Half>;

// Values out of range and NaN become the smallest integer, as with the x86 instructions; clamping makes this well
// defined on every machine. The bounds are powers of two, hence exact in both floating-point types.
template <class Wide, class From>
HWY_INLINE Wide truncate(From value) {
  constexpr From low = static_cast<From>(std::numeric_limits<Wide>::min());
  const From in_range = value >= low && value < -low ? value : low;
  return static_cast<Wide>(in_range);
}

// The float that is rounded to 16 bits: `from` itself or, if it is not a float, the one that rounds to the same number.
template <class From>
HWY_INLINE float before_narrowing(From from) {
  if constexpr (std::is_same_v<From, double>) {
    return detail::float_rounded_to_odd(from);
  } else if constexpr (sizeof(From) == 8) {
    // All but the first 52 bits become one, which keeps the number on its side of what is half-way.
    const bool is_long = from > (std::int64_t{1} << 52) || from < -(std::int64_t{1} << 52);
    const std::int64_t shortened = (from & ~std::int64_t{0xfff}) | ((from & 0xfff) != 0 ? 0x800 : 0);
    return detail::float_rounded_to_odd(static_cast<double>(is_long ? shortened : from));
  } else if constexpr (sizeof(From) == 4 && !std::is_same_v<From, float>) {
    return detail::float_rounded_to_odd(static_cast<double>(from));
  } else {
    return static_cast<float>(from);
  }
}

template <class To, class From>
HWY_INLINE To convert_one(From from) {
  if constexpr (std::is_same_v<To, From>) {
    return from;
  } else if constexpr (std::is_same_v<From, BoolByte>) {
    return convert_one<To>(static_cast<std::uint8_t>(from.byte != 0 ? 1 : 0));
  } else if constexpr (std::is_same_v<From, BFloat16>) {
    return convert_one<To>(to_float(from));
  } else if constexpr (std::is_same_v<To, BoolByte>) {
    return {static_cast<std::uint8_t>(from != From(0) ? 1 : 0)};
  } else if constexpr (std::is_same_v<To, BFloat16>) {
    return to_bfloat16(before_narrowing(from));
  } else if constexpr (std::is_floating_point_v<From> && std::is_integral_v<To>) {
    // As in PyTorch, the conversion to uint8 goes through int64, so that values wrap around over a wider range.
    using Wide = std::conditional_t<std::is_same_v<To, std::uint8_t>, std::int64_t,
                                    std::conditional_t<sizeof(To) <= 4, std::int32_t, std::int64_t>>;
    return static_cast<To>(truncate<Wide>(from));
  } else {
    return static_cast<To>(from);
  }
}

// For the tails of the float16 loops and for machines without float16 instructions. Unlike the versions in dtype.h
// these are branch-free, so that the compiler can vectorize them.
HWY_INLINE float half_to_float(std::uint16_t half) {
  const std::uint32_t sign = static_cast<std::uint32_t>(half & 0x8000u) << 16;
  const std::uint32_t shifted = static_cast<std::uint32_t>(half & 0x7fffu) << 13;
  // Interpreted as a float, the shifted bits are the number times 2^-112, also for subnormal numbers.
  const std::uint32_t scaled = detail::float_bits(detail::float_from_bits(shifted) * 0x1p112f);
  const std::uint32_t magnitude = shifted >= 0x0f800000u ? shifted | 0x7f800000u : scaled;
  return detail::float_from_bits(sign | magnitude);
}
HWY_INLINE std::uint16_t float_to_half(float value) {
  const std::uint32_t bits = detail::float_bits(value);
  const std::uint32_t sign = (bits >> 16) & 0x8000u;
  const std::uint32_t magnitude = bits & 0x7fffffffu;
  const std::uint32_t normal = (magnitude + 0xfffu + ((magnitude >> 13) & 1u) - 0x38000000u) >> 13;
  // Adding 1/2 aligns the significand of a subnormal result, so that the addition itself rounds it.
  const std::uint32_t subnormal = detail::float_bits(detail::float_from_bits(magnitude) + 0.5f) - 0x3f000000u;
  std::uint32_t result = magnitude < 0x38800000u ? subnormal : normal;
  result = magnitude >= 0x477ff000u ? 0x7c00u : result;
  result = magnitude > 0x7f800000u ? 0x7e00u | ((magnitude >> 13) & 0x3ffu) : result;
  return static_cast<std::uint16_t>(sign | result);
}

void convert_half_to_float(const void* from, void* to, std::int64_t count) {
  const auto* source = static_cast<const std::uint16_t*>(from);
  auto* target = static_cast<float*>(to);
  std::int64_t i = 0;
#if HWY_TARGET <= HWY_AVX2 && HWY_ARCH_X86
  const hn::ScalableTag<float> df;
  const hn::Rebind<hwy::float16_t, decltype(df)> dh;
  const std::int64_t lanes = static_cast<std::int64_t>(hn::Lanes(df));
  for (; i + lanes <= count; i += lanes) {
    const auto half = hn::LoadU(dh, reinterpret_cast<const hwy::float16_t*>(source + i));
    hn::StoreU(hn::PromoteTo(df, half), df, target + i);
  }
#endif
  for (; i < count; ++i) target[i] = half_to_float(source[i]);
}

void convert_float_to_half(const void* from, void* to, std::int64_t count) {
  const auto* source = static_cast<const float*>(from);
  auto* target = static_cast<std::uint16_t*>(to);
  std::int64_t i = 0;
#if HWY_TARGET <= HWY_AVX2 && HWY_ARCH_X86
  const hn::ScalableTag<float> df;
  const hn::Rebind<hwy::float16_t, decltype(df)> dh;
  const std::int64_t lanes = static_cast<std::int64_t>(hn::Lanes(df));
  for (; i + lanes <= count; i += lanes) {
    const auto half = hn::DemoteTo(dh, hn::LoadU(df, source + i));
    hn::StoreU(half, dh, reinterpret_cast<hwy::float16_t*>(target + i));
  }
#endif
  for (; i < count; ++i) target[i] = float_to_half(source[i]);
}

template <class From, class To>
void convert_loop(const void* from, void* to, std::int64_t count) {
  if constexpr (std::is_same_v<From, To>) {
    std::memmove(to, from, static_cast<size_t>(count) * sizeof(From));
  } else if constexpr (kIsHalf<From> && std::is_same_v<To, float>) {
    convert_half_to_float(from, to, count);
  } else if constexpr (std::is_same_v<From, float> && kIsHalf<To>) {
    convert_float_to_half(from, to, count);
  } else if constexpr (kIsHalf<From> || kIsHalf<To>) {
    // Through float32, one piece at a time.
    constexpr std::int64_t piece = 256;
    float buffer[piece];
    for (std::int64_t i = 0; i < count; i += piece) {
      const std::int64_t size = count - i < piece ? count - i : piece;
      const From* const source = static_cast<const From*>(from) + i;
      if constexpr (kIsHalf<To> && !std::is_same_v<From, BoolByte> && !std::is_same_v<From, BFloat16>) {
        for (std::int64_t j = 0; j < size; ++j) buffer[j] = before_narrowing(source[j]);
      } else {
        convert_loop<From, float>(source, buffer, size);
      }
      convert_loop<float, To>(buffer, static_cast<To*>(to) + i, size);
    }
  } else {
    const From* source = static_cast<const From*>(from);
    To* target = static_cast<To*>(to);
    for (std::int64_t i = 0; i < count; ++i) target[i] = convert_one<To>(source[i]);
  }
}

template <class From>
Converter converter_from(DType to) {
  static constexpr Converter table[kDTypeCount] = {
      &convert_loop<From, BoolByte>,     &convert_loop<From, std::uint8_t>, &convert_loop<From, std::int8_t>,
      &convert_loop<From, std::int16_t>, &convert_loop<From, std::int32_t>, &convert_loop<From, std::int64_t>,
      &convert_loop<From, Half>,         &convert_loop<From, BFloat16>,     &convert_loop<From, float>,
      &convert_loop<From, double>};
  return table[static_cast<int>(to)];
}

Converter find_converter(DType from, DType to) {
  switch (from) {
    case DType::Bool: return converter_from<BoolByte>(to);
    case DType::UInt8: return converter_from<std::uint8_t>(to);
    case DType::Int8: return converter_from<std::int8_t>(to);
    case DType::Int16: return converter_from<std::int16_t>(to);
    case DType::Int32: return converter_from<std::int32_t>(to);
    case DType::Int64: return converter_from<std::int64_t>(to);
    case DType::Float16: return converter_from<Half>(to);
    case DType::BFloat16: return converter_from<BFloat16>(to);
    case DType::Float32: return converter_from<float>(to);
    case DType::Float64: return converter_from<double>(to);
  }
  return nullptr;
}

void stream_bytes(void* to, const void* from, std::int64_t bytes) {
  const hn::ScalableTag<std::uint8_t> d;
  const std::int64_t lanes = static_cast<std::int64_t>(hn::Lanes(d));
  auto* target = static_cast<std::uint8_t*>(to);
  const auto* source = static_cast<const std::uint8_t*>(from);
  const std::int64_t misaligned = static_cast<std::int64_t>(reinterpret_cast<std::uintptr_t>(target)) & (lanes - 1);
  std::int64_t i = misaligned == 0 ? 0 : lanes - misaligned < bytes ? lanes - misaligned : bytes;
  std::memcpy(target, source, static_cast<size_t>(i));
  for (; i + lanes <= bytes; i += lanes) hn::Stream(hn::LoadU(d, source + i), d, target + i);
  std::memcpy(target + i, source + i, static_cast<size_t>(bytes - i));
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace ts::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <hwy/cache_control.h>
namespace ts::cpu {

HWY_EXPORT(find_converter);
HWY_EXPORT(stream_bytes);

Converter converter(DType from, DType to) { return TS_SIMD_DISPATCH(find_converter)(from, to); }
void stream_copy(void* to, const void* from, std::int64_t bytes) { TS_SIMD_DISPATCH(stream_bytes)(to, from, bytes); }
void stream_fence() { hwy::FlushStream(); }

}  // namespace ts::cpu
#endif
