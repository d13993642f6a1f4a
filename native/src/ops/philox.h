// Philox4x32-10, the counter-based generator of Salmon, Moraes, Dror and Shaw ("Parallel random numbers: as easy as 1,
// 2, 3", SC 2011): ten rounds of two 32x32 multiplications, with keys advanced by Weyl constants.
#pragma once

#include <cstdint>

namespace ts {

/// Four 32-bit words: a counter, or the numbers made from it.
struct PhiloxWords {
  std::uint32_t w[4];
};

inline PhiloxWords philox4x32(PhiloxWords counter, std::uint32_t key0, std::uint32_t key1) {
  std::uint32_t c0 = counter.w[0];
  std::uint32_t c1 = counter.w[1];
  std::uint32_t c2 = counter.w[2];
  std::uint32_t c3 = counter.w[3];
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t p0 = 0xD2511F53ull * c0;
    const std::uint64_t p1 = 0xCD9E8D57ull * c2;
    c0 = static_cast<std::uint32_t>(p1 >> 32) ^ c1 ^ key0;
    c2 = static_cast<std::uint32_t>(p0 >> 32) ^ c3 ^ key1;
    c1 = static_cast<std::uint32_t>(p1);
    c3 = static_cast<std::uint32_t>(p0);
    key0 += 0x9E3779B9u;
    key1 += 0xBB67AE85u;
  }
  return {{c0, c1, c2, c3}};
}

}  // namespace ts
