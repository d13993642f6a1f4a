// Dropout masks: element i is `scale` with probability `keep`, else 0, and depends only on the stream and on i.
//
// Element i uses 64 bits of the stream, x, and is kept if (x >> 11) 2^-53 < keep. In integers that is x < 2^11 limit,
// with limit = ceil(2^53 keep). Philox multiplies 32-bit words into 64-bit products; a vector multiplies its even and
// its odd lanes in turn, so that it makes as many blocks of the stream at once as it has lanes.
#include "cpu/simd_target.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/kernels/dropout_mask.cpp"
#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>

#ifndef TS_CPU_DROPOUT_MASK
#define TS_CPU_DROPOUT_MASK
#include "backend/philox.h"
#include "torchscratch/random.h"
namespace ts::cpu {

// The parameters of a mask.
struct KeepRule {
  std::uint64_t bound;  // an element is kept if x is below this
  PhiloxState state;
};

}  // namespace ts::cpu
#endif

HWY_BEFORE_NAMESPACE();
namespace ts::cpu {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Fills the elements of as many blocks as make whole vectors with `kept` or 0, two elements per block. Returns the
// number of blocks.
std::int64_t keep_blocks(float* out, std::uint64_t block, std::int64_t count, const KeepRule& rule, float kept) {
#if HWY_TARGET == HWY_SCALAR
  static_cast<void>(out), static_cast<void>(block), static_cast<void>(count), static_cast<void>(rule);
  static_cast<void>(kept);
  return 0;
#else
  const hn::ScalableTag<std::uint32_t> d;
  const hn::Repartition<std::uint64_t, decltype(d)> wide;
  const hn::RebindToFloat<decltype(d)> to_float;
  using V = hn::Vec<decltype(d)>;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  const V bound_high = hn::Set(d, static_cast<std::uint32_t>(rule.bound >> 32));
  const V bound_low = hn::Set(d, static_cast<std::uint32_t>(rule.bound));
  const auto multiply = [&](V words, V factor, V& high, V& low) HWY_ATTR {
    const auto even = hn::MulEven(words, factor);
    const auto odd = hn::MulEven(hn::BitCast(d, hn::ShiftRight<32>(hn::BitCast(wide, words))), factor);
    high = hn::OddEven(hn::BitCast(d, odd), hn::BitCast(d, hn::ShiftRight<32>(even)));
    low = hn::OddEven(hn::BitCast(d, hn::ShiftLeft<32>(odd)), hn::BitCast(d, even));
  };
  const auto is_below = [&](V high, V low) HWY_ATTR {
    return hn::Or(hn::Lt(high, bound_high), hn::And(hn::Eq(high, bound_high), hn::Lt(low, bound_low)));
  };
  const auto value = hn::Set(to_float, kept);

  std::int64_t made = 0;
  for (; made + lanes <= count; made += lanes) {
    const std::uint64_t first = rule.state.offset + block + static_cast<std::uint64_t>(made);
    // All lanes share the upper word of the counter unless the lower word overflows, which is left to the caller.
    if (static_cast<std::uint32_t>(first) > 0xffffffffu - static_cast<std::uint32_t>(lanes)) break;
    V c0 = hn::Iota(d, static_cast<std::uint32_t>(first));
    V c1 = hn::Set(d, static_cast<std::uint32_t>(first >> 32));
    V c2 = hn::Zero(d), c3 = hn::Zero(d);
    auto key0 = static_cast<std::uint32_t>(rule.state.seed), key1 = static_cast<std::uint32_t>(rule.state.seed >> 32);
    for (int round = 0; round < kPhiloxRounds; ++round) {
      V high0, low0, high1, low1;
      multiply(c0, hn::Set(d, kPhiloxFactor0), high0, low0);
      multiply(c2, hn::Set(d, kPhiloxFactor1), high1, low1);
      c0 = hn::Xor(hn::Xor(high1, c1), hn::Set(d, key0));
      c2 = hn::Xor(hn::Xor(high0, c3), hn::Set(d, key1));
      c1 = low1;
      c3 = low0;
      key0 += kPhiloxWeyl0;
      key1 += kPhiloxWeyl1;
    }
    const auto even = hn::IfThenElseZero(hn::RebindMask(to_float, is_below(c0, c1)), value);
    const auto odd = hn::IfThenElseZero(hn::RebindMask(to_float, is_below(c2, c3)), value);
    hn::StoreInterleaved2(even, odd, to_float, out + 2 * made);
  }
  return made;
#endif
}

}  // namespace HWY_NAMESPACE
}  // namespace ts::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

#include <algorithm>
#include <cmath>

#include "cpu/kernels/dropout_mask.h"

namespace ts::cpu {
namespace {

HWY_EXPORT(keep_blocks);

// Fills the elements [first, first + count) with 1 or 0.
void keep_ones(float* out, std::int64_t first, std::int64_t count, const KeepRule& rule, float kept) {
  const std::int64_t end = first + count;
  const auto one_by_one = [&](std::int64_t from, std::int64_t to) {
    for (std::int64_t i = from; i < to; ++i) {
      const PhiloxWords words = philox_block(rule.state, static_cast<std::uint64_t>(i / 2));
      const int half = static_cast<int>(i % 2) * 2;
      const std::uint64_t x = (static_cast<std::uint64_t>(words.w[half]) << 32) | words.w[half + 1];
      out[i - first] = x < rule.bound ? kept : 0.0f;
    }
  };
  const std::int64_t whole = std::min(end, (first + 1) / 2 * 2);
  one_by_one(first, whole);
  const std::int64_t blocks = (end - whole) / 2;
  const std::int64_t made =
      TS_SIMD_DISPATCH(keep_blocks)(out + (whole - first), static_cast<std::uint64_t>(whole / 2), blocks, rule, kept);
  one_by_one(whole + 2 * made, end);
}

}  // namespace

template <class T>
void dropout_mask_part(T* out, std::int64_t first, std::int64_t count, double keep, double scale, PhiloxState state) {
  const double limit = std::ceil(keep * 0x1p53);
  if (limit >= 0x1p53) {
    std::fill_n(out, count, static_cast<T>(scale));
    return;
  }
  const KeepRule rule = {limit > 0 ? static_cast<std::uint64_t>(limit) << 11 : 0, state};
  if constexpr (std::is_same_v<T, float>) {
    keep_ones(out, first, count, rule, static_cast<float>(scale));
  } else {
    constexpr std::int64_t kPart = 256;
    float part[kPart];
    for (std::int64_t i = 0; i < count; i += kPart) {
      const std::int64_t n = std::min(kPart, count - i);
      keep_ones(part, first + i, n, rule, 1.0f);
      for (std::int64_t j = 0; j < n; ++j) out[i + j] = part[j] != 0 ? static_cast<T>(scale) : T(0);
    }
  }
}
template void dropout_mask_part<float>(float*, std::int64_t, std::int64_t, double, double, PhiloxState);
template void dropout_mask_part<double>(double*, std::int64_t, std::int64_t, double, double, PhiloxState);

}  // namespace ts::cpu

#endif  // HWY_ONCE
