// Random numbers from a counter: Philox4x32-10 (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as
// 1, 2, 3", SC 2011). Element i of a draw depends on the seed, the generator's offset and i alone, so a seed gives
// the same numbers on any device and with any number of threads.
#pragma once

#include <cstdint>
#include <mutex>
#include <utility>

#include "torchscratch/export.h"
#include "torchscratch/ref.h"

namespace ts {

/// A position in the stream: what a kernel needs.
struct PhiloxState {
  std::uint64_t seed;
  std::uint64_t offset;  // in blocks of four 32-bit numbers
};

/// A stream of random numbers. Thread safe.
class TS_API Generator final : public RefCounted<Generator> {
 public:
  explicit Generator(std::uint64_t seed = 0) : state_{seed, 0} {}
  static void destroy(Generator* generator) { delete generator; }
  /// Starts the stream anew.
  void seed(std::uint64_t value);
  /// Takes `blocks` blocks off the stream and returns where they begin.
  PhiloxState reserve(std::uint64_t blocks);
  PhiloxState state() const;
  void set_state(PhiloxState state);

 private:
  mutable std::mutex mutex_;
  PhiloxState state_;
};

/// The generator of threads that have chosen no other.
TS_API Generator& default_generator();
/// The one that operators of this thread draw from.
TS_API Generator& current_generator();
/// Makes `generator` this thread's, null for the default one; returns the former.
TS_API Ref<Generator> set_current_generator(Ref<Generator> generator);

/// Operators of this thread draw from `generator` while it lives: `const GeneratorScope scope(generator);`
class GeneratorScope {
 public:
  explicit GeneratorScope(Ref<Generator> generator) : previous_(set_current_generator(std::move(generator))) {}
  ~GeneratorScope() { set_current_generator(std::move(previous_)); }
  GeneratorScope(const GeneratorScope&) = delete;
  GeneratorScope& operator=(const GeneratorScope&) = delete;

 private:
  Ref<Generator> previous_;
};

/// Seeds the default generator.
TS_API void manual_seed(std::uint64_t seed);

}  // namespace ts
