// How operators draw random numbers: a place in the generator's stream, which kernels turn into numbers.
#pragma once

#include <cstdint>

#include "backend/philox.h"
#include "torchscratch/random.h"

namespace ts {

/// A place in a Philox stream, as rows of the op table pass it on.
struct RandomStream {
  std::int64_t seed = 0, offset = 0;
};

/// The place of the thread's generator, which moves on by what filling `count` elements takes.
inline RandomStream draw_random(std::int64_t count) {
  const PhiloxState state = current_generator().reserve(philox_blocks(count));
  return {static_cast<std::int64_t>(state.seed), static_cast<std::int64_t>(state.offset)};
}

}  // namespace ts
