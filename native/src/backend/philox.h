// Philox4x32-10, the counter-based generator of Salmon, Moraes, Dror and Shaw ("Parallel random numbers: as easy as 1,
// 2, 3", SC 2011): ten rounds of two 32x32 multiplications, with keys advanced by Weyl constants.
#pragma once

#include <cstdint>

#include "torchscratch/random.h"

namespace ts {

inline constexpr int kPhiloxRounds = 10;
inline constexpr std::uint32_t kPhiloxFactor0 = 0xD2511F53u, kPhiloxFactor1 = 0xCD9E8D57u;
inline constexpr std::uint32_t kPhiloxWeyl0 = 0x9E3779B9u, kPhiloxWeyl1 = 0xBB67AE85u;

/// Four 32-bit words: a counter, or the numbers made from it.
struct PhiloxWords {
  std::uint32_t w[4];
};

inline PhiloxWords philox4x32(PhiloxWords counter, std::uint32_t key0, std::uint32_t key1) {
  std::uint32_t c0 = counter.w[0];
  std::uint32_t c1 = counter.w[1];
  std::uint32_t c2 = counter.w[2];
  std::uint32_t c3 = counter.w[3];
  for (int round = 0; round < kPhiloxRounds; ++round) {
    const std::uint64_t p0 = static_cast<std::uint64_t>(kPhiloxFactor0) * c0;
    const std::uint64_t p1 = static_cast<std::uint64_t>(kPhiloxFactor1) * c2;
    c0 = static_cast<std::uint32_t>(p1 >> 32) ^ c1 ^ key0;
    c2 = static_cast<std::uint32_t>(p0 >> 32) ^ c3 ^ key1;
    c1 = static_cast<std::uint32_t>(p1);
    c3 = static_cast<std::uint32_t>(p0);
    key0 += kPhiloxWeyl0;
    key1 += kPhiloxWeyl1;
  }
  return {{c0, c1, c2, c3}};
}

/// Number of elements that a kernel makes from one block. A block is used as two 64-bit halves for every element type.
inline constexpr std::int64_t kPhiloxPerBlock = 2;

/// Number of blocks that filling `count` elements consumes.
inline std::uint64_t philox_blocks(std::int64_t count) {
  return static_cast<std::uint64_t>(count / kPhiloxPerBlock + (count % kPhiloxPerBlock != 0 ? 1 : 0));
}

/// A position in the random stream, from the seed and offset that rows of the operator table pass.
inline PhiloxState philox_state(std::int64_t seed, std::int64_t offset) {
  return {static_cast<std::uint64_t>(seed), static_cast<std::uint64_t>(offset)};
}

/// Block `index` of a stream.
inline PhiloxWords philox_block(PhiloxState state, std::uint64_t index) {
  index += state.offset;
  return philox4x32({{static_cast<std::uint32_t>(index), static_cast<std::uint32_t>(index >> 32), 0, 0}},
                    static_cast<std::uint32_t>(state.seed), static_cast<std::uint32_t>(state.seed >> 32));
}

}  // namespace ts
