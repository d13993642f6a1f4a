// How operators draw random numbers: they reserve a range of the generator's stream, and kernels compute the numbers
// from its offset.
#pragma once

#include <cstdint>

#include "torchscratch/random.h"

namespace ts {

/// A position in a Philox stream, as the seed and offset that rows of the op table pass to kernels.
struct RandomStream {
  std::int64_t seed = 0, offset = 0;
};

/// The position of the current generator, which is advanced by the amount that filling `count` elements needs.
RandomStream draw_random(std::int64_t count);

/// If its scope ends by an exception, puts the current generator back to where it was at the beginning, so that an
/// operator that fails has drawn nothing; unless another thread has drawn from it in the meantime.
class RandomRollback {
 public:
  RandomRollback();
  ~RandomRollback();
  RandomRollback(const RandomRollback&) = delete;
  RandomRollback& operator=(const RandomRollback&) = delete;

 private:
  Generator& generator_;
  PhiloxState begin_;
  std::uint64_t drawn_before_;  // by this thread
  int exceptions_;
};

}  // namespace ts
