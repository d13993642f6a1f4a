// Generators of random numbers: a seed and a position in the stream.
#include "torchscratch/random.h"

namespace ts {

void Generator::seed(std::uint64_t value) { set_state({value, 0}); }

PhiloxState Generator::reserve(std::uint64_t blocks) {
  const std::lock_guard lock(mutex_);
  const PhiloxState start = state_;
  state_.offset += blocks;
  return start;
}

PhiloxState Generator::state() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

void Generator::set_state(PhiloxState state) {
  const std::lock_guard lock(mutex_);
  state_ = state;
}

Generator& default_generator() {
  // The seed is fixed, as in PyTorch, so that a program is reproducible by default. Never destroyed, since finalizers
  // of a host language may still draw numbers at exit.
  static Generator* const generator = new Generator(67280421310721ull);
  return *generator;
}

namespace {
// Releases its reference when the thread ends.
thread_local Ref<Generator> chosen;
}  // namespace

Generator& current_generator() { return chosen ? *chosen : default_generator(); }

Ref<Generator> set_current_generator(Ref<Generator> generator) { return std::exchange(chosen, std::move(generator)); }

void manual_seed(std::uint64_t seed) { default_generator().seed(seed); }

}  // namespace ts
