// How operators draw random numbers: they reserve a range of the generator's stream, and kernels compute the numbers
// from its offset.
#pragma once

#include <cstdint>

#include "backend/philox.h"
#include "torchscratch/random.h"

namespace ts {

/// A position in a Philox stream, as the seed and offset that rows of the op table pass to kernels.
struct RandomStream {
  std::int64_t seed = 0, offset = 0;
};

/// The position of the current generator, which is advanced by the amount that filling `count` elements needs.
inline RandomStream draw_random(std::int64_t count) {
  const PhiloxState state = current_generator().reserve(philox_blocks(count));
  return {static_cast<std::int64_t>(state.seed), static_cast<std::int64_t>(state.offset)};
}

}  // namespace ts
